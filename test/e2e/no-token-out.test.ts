import { spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEPLOYMENT_TOOLS, Deployments } from './sigstore/deployments.ts';
import { project } from './support.ts';
import { lacks } from './tools.ts';

const REQUEST_TOKEN = 'request-token-4f9a1c7be2d84c0fa7d3';

/** Every command line of a process that runs, by what the kernel tells of it. */
function commandLines(): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/u.test(name))
    .flatMap((name) => {
      try {
        return [readFileSync(`/proc/${name}/cmdline`, 'utf8')];
      } catch {
        return [];
      }
    });
}

function filesUnder(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

/** Nothing that could sign in another's name leaves the file or variable in which it was given. */
describe.skipIf(lacks(...DEPLOYMENT_TOOLS))('tokens and keys', () => {
  const made = new Deployments();
  const key = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString();

  beforeAll(async () => await made.start({ logless: false }));
  afterAll(() => made.stop());

  /** Runs it in folders of its own; what it said, what it left behind, and how processes were called meanwhile. */
  async function watched(args: string[], env: Record<string, string>) {
    const own = mkdtempSync(join(made.folder, 'watched-'));
    for (const name of ['home', 'tmp', 'work']) mkdirSync(join(own, name));
    writeFileSync(join(own, 'work', 'app.txt'), 'app\n');
    const child = spawn(process.execPath, [join(project, 'bin', 'sallyport.cjs'), ...args], {
      cwd: join(own, 'work'),
      env: { PATH: process.env.PATH, HOME: join(own, 'home'), TMPDIR: join(own, 'tmp'), ...env },
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (text) => {
        said += text;
      });
    const lines = new Set<string>();
    const looking = setInterval(() => {
      for (const line of commandLines()) lines.add(line);
    }, 5);
    const code = await new Promise((resolve) => child.on('close', resolve));
    clearInterval(looking);
    return { code, said, lines: [...lines].join('\n'), files: filesUnder(own) };
  }

  const instance = () => [
    ...['--signing-config', made.file('config.json'), '--trusted-root', made.file('root.json')],
  ];
  /** A part that no two tokens share, and that no encoding of lines breaks. */
  const secretPart = (token: string) => token.split('.').at(-1)?.slice(0, 40) ?? '';
  const keyPart = key.split('\n')[1] ?? '';

  it.each([
    ['sign', 'a token', ['sign']],
    ['attest', 'a token', ['attest', '--type', 'provenance']],
    ['sign', 'a key', ['sign']],
    ['sign', 'the runner', ['sign']],
    ['sign', 'a token that nobody takes', ['sign', '--verbose']],
  ])('are nowhere after %s by %s', async (_command, by, command) => {
    const token = made.token(by === 'a token that nobody takes' ? { iss: 'https://issuer.example' } : {});
    writeFileSync(made.file('given-token'), token, { mode: 0o600 });
    writeFileSync(made.file('given-key'), key, { mode: 0o600 });
    const runner = {
      ACTIONS_ID_TOKEN_REQUEST_URL: `${made.issuer}/token?api-version=2.0`,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: REQUEST_TOKEN,
    };
    const identity =
      by === 'a key'
        ? ['--key', made.file('given-key')]
        : by === 'the runner'
          ? []
          : ['--identity-token', made.file('given-token')];
    const ran = await watched(
      [...command, ...identity, ...instance(), 'app.txt'],
      by === 'the runner' ? runner : {},
    );
    expect(ran.code, ran.said).toBe(by === 'a token that nobody takes' ? 2 : 0);
    expect(ran.lines).toContain('sallyport.cjs');
    const secrets = [secretPart(token), keyPart, REQUEST_TOKEN, 'eyJhbGciOi'];
    for (const secret of secrets) {
      expect(secret.length).toBeGreaterThan(9);
      expect(ran.said).not.toContain(secret);
      expect(ran.lines).not.toContain(secret);
      for (const file of ran.files) expect(readFileSync(file, 'utf8'), file).not.toContain(secret);
    }
    // What was given is found by the same look.
    if (by === 'a token') expect(readFileSync(made.file('given-token'), 'utf8')).toContain(secretPart(token));
  });
});
