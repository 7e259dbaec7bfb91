import { existsSync, readFileSync } from 'node:fs';
import { schemeNamed } from '../../src/versions/registry.ts';
import { pairs } from '../versions/generate.ts';
import { distributions } from './distributions.ts';
import { languages } from './languages.ts';
import type { Answer, Peer } from './peer.ts';
import { realVersions } from './real-versions.ts';

/**
 * Holds our version orders against the ecosystems' own programs, on generated and on real versions, and fails on any
 * difference. Says which peers are on this machine; `--require a,b` fails where one of these schemes has none.
 * `--pairs N` and `--seed N` change what is generated.
 */
const option = (name: string, fallback: string): string => {
  const at = process.argv.indexOf(`--${name}`);
  return at === -1 ? fallback : (process.argv[at + 1] ?? fallback);
};
const count = Number(option('pairs', '3000'));
const seed = Number(option('seed', '20260822'));
const required = option('require', '')
  .split(',')
  .filter((name) => name !== '');

let failed = 0;
let compared = 0;
const only = option('only', '');
for (const peer of [...distributions, ...languages]) if (only === '' || only === peer.scheme) checkPeer(peer);
console.log(`${compared} passed, ${failed} failed`);
if (failed > 0) process.exitCode = 1;

function checkPeer(peer: Peer): void {
  const found = peer.find();
  if (found === null) {
    console.log(`absent ${peer.scheme}: ${peer.name}`);
    if (required.includes(peer.scheme)) failed++;
    return;
  }
  const all = [...pairs(peer.scheme, count, seed), ...neighbours(peer)].filter(
    ([a, b]) => peer.except?.(a, b) !== true,
  );
  const theirs = peer.compare(all);
  const differences: string[] = [];
  let refused = 0;
  all.forEach(([a, b], i) => {
    const ours = compare(peer.scheme, a, b);
    const other = theirs[i] ?? null;
    if (other === null) refused++;
    if (ours === other || (!peer.strict && (ours === null || other === null) && tolerated(peer, a, b)))
      return;
    differences.push(`${a} ? ${b}: ours ${ours}, theirs ${other}`);
  });
  compared += all.length - differences.length;
  failed += differences.length;
  console.log(
    `${differences.length === 0 ? 'ok    ' : 'FAIL  '} ${peer.scheme}: ${all.length} pairs against ${peer.name} (${found}), ` +
      `${refused} refused by the peer, ${differences.length} different`,
  );
  for (const difference of differences.slice(0, 25)) console.log(`         ${difference}`);
}

/** A peer that takes any text says nothing about what is a version: only readable pairs count. */
function tolerated(peer: Peer, a: string, b: string): boolean {
  return !readable(peer.scheme, a) || !readable(peer.scheme, b);
}

function readable(scheme: string, text: string): boolean {
  try {
    schemeNamed(scheme).parse(text);
    return true;
  } catch {
    return false;
  }
}

function compare(name: string, a: string, b: string): Answer {
  const scheme = schemeNamed(name);
  if (!readable(name, a) || !readable(name, b)) return null;
  return scheme.compare(scheme.parse(a), scheme.parse(b));
}

/** Every real version with the next ones in the list. */
function neighbours(peer: Peer): [string, string][] {
  const versions = [...(realVersions[peer.scheme] ?? []), ...(peer.scheme === 'deb' ? installed() : [])];
  return versions.flatMap((one, i): [string, string][] =>
    versions.slice(i, i + 3).map((other): [string, string] => [one, other]),
  );
}

/** The versions of what is installed here, from dpkg's own list. */
function installed(): string[] {
  const status = '/var/lib/dpkg/status';
  if (!existsSync(status)) return [];
  return [...readFileSync(status, 'utf8').matchAll(/^Version: (\S+)$/gmu)]
    .map((match) => match[1] ?? '')
    .sort()
    .slice(0, 400);
}
