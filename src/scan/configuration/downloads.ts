import {
  type Invocation,
  invocation,
  operands,
  optionNames,
  optionValue,
  shellName,
} from './shell/commands.ts';
import type { Range, Script, Word } from './shell/model.ts';

/** curl's short options that take a value, so that a `k` in `-ofile.k` is no `-k`. */
const CURL_VALUED = new Set('oHudXAbceFTwxmKECDPQrtUyYzh'.split(''));
const WGET_VALUED = new Set(
  'o O a e i B t T w Q P U l A R D I X output-document header user password directory-prefix'.split(' '),
);
const CURL_LONG =
  'output header user data request user-agent cookie proxy retry retry-delay retry-max-time connect-timeout max-time cacert cert key write-out resolve url'.split(
    ' ',
  );
const DOWNLOADERS = new Set([
  'curl',
  'wget',
  'fetch',
  'aria2c',
  'http',
  'https',
  'lwp-request',
  'GET',
  'Invoke-WebRequest',
  'iwr',
]);
const INTERPRETER = /^(?:(?:python|pypy|perl|ruby|node|php|lua|Rscript)[0-9.]*|deno|bun)$/u;

function isDownloader(name: string): boolean {
  return DOWNLOADERS.has(name);
}

/** A program that runs what it is given as code. */
function isInterpreter(name: string): boolean {
  const shell = shellName(name);
  return (shell !== null && shell !== 'cmd') || INTERPRETER.test(name);
}

/** The addresses that a download names. */
export function addresses({ name, args }: Invocation): Word[] {
  const valued = name === 'curl' ? new Set([...CURL_VALUED, ...CURL_LONG]) : WGET_VALUED;
  return operands(args, valued).filter(
    ({ text }) => /^[a-z][a-z0-9+.-]*:\/\//iu.test(text) || /^[\w${}-]+\.[\w.${}-]+\/?/u.test(text),
  );
}

/**
 * Whether what a download brings could be changed on the way: plain HTTP, or the certificate is not checked.
 * curl takes an address without a scheme as http.
 */
export function isUnauthenticated(download: Invocation): boolean {
  if (skipsCertificate(download) !== null) return true;
  return addresses(download).some(({ text }) => {
    if (isLocal(text)) return false;
    return (
      /^(?:http|ftp):\/\//iu.test(text) ||
      (!text.includes('://') && !text.startsWith('$') && download.name === 'curl')
    );
  });
}

/** The option of curl or wget that turns the certificate check off. */
export function skipsCertificate({ name, args }: Invocation): Word | null {
  if (name === 'curl') {
    const found = args.find((word) => {
      const names = optionNames([word], CURL_VALUED);
      return names.has('k') || names.has('insecure') || names.has('proxy-insecure');
    });
    return found ?? null;
  }
  if (name === 'wget') return args.find(({ text }) => text === '--no-check-certificate') ?? null;
  if (name === 'http' || name === 'https') return args.find(({ text }) => text === '--verify=no') ?? null;
  if (name === 'aria2c') return args.find(({ text }) => text === '--check-certificate=false') ?? null;
  return null;
}

export function isLocal(address: string): boolean {
  return /^(?:[a-z]+:\/\/)?(?:localhost|127\.[0-9.]+|\[::1\])(?:[:/]|$)/iu.test(address);
}

interface RunDownload {
  download: Invocation;
  /** The program that runs what was downloaded. */
  runner: Invocation;
  how: 'piped' | 'substituted' | 'saved';
}

/** Downloads whose content is run without a look at it: `curl | sh`, `sh -c "$(curl)"`, `. <(curl)`, `curl -o x && sh x`. */
export function runDownloads(script: Script): RunDownload[] {
  const all = script.commands.map(invocation);
  const inRange = ({ from, to }: Range): Invocation[] =>
    all.slice(from, to).filter((found) => found !== null);
  const downloadIn = (range: Range): Invocation | undefined =>
    inRange(range).find(({ name }) => isDownloader(name));
  const out: RunDownload[] = [];
  const lefts = leftSides(script);
  for (const { right, left } of script.pipes) {
    const runner = inRange(right).find((found) => !found.command.nested && readsStandardInput(found));
    if (runner === undefined) continue;
    const download = upstream(lefts, left)
      .map(downloadIn)
      .find((found) => found !== undefined);
    if (download !== undefined) out.push({ download, runner, how: 'piped' });
  }
  for (const runner of all) {
    if (runner === null) continue;
    const runs = isInterpreter(runner.name) || ['eval', 'source', '.'].includes(runner.name);
    if (!runs) continue;
    const codeWords = runner.name === 'eval' ? runner.args : codeWordsOf(runner);
    const download = codeWords
      .flatMap(({ substitutions }) => substitutions.map(downloadIn))
      .find((found) => found !== undefined);
    if (download !== undefined) out.push({ download, runner, how: 'substituted' });
  }
  out.push(...savedDownloads(all));
  return out;
}

const MAX_UPSTREAM = 20;

/** What is piped into what, by where the right side begins. */
function leftSides({ pipes }: Script): Map<number, Range> {
  return new Map(pipes.map(({ left, right }) => [right.from, left]));
}

/** A range and what is piped into it, nearest first. */
function upstream(lefts: ReadonlyMap<number, Range>, range: Range): Range[] {
  const out = [range];
  for (let at = lefts.get(range.from); at !== undefined && out.length < MAX_UPSTREAM; at = lefts.get(at.from))
    out.push(at);
  return out;
}

/** `sh`, `bash -s -- x`, `sh -`, `python3 -`: no file to run, so standard input is run. */
function readsStandardInput({ name, args }: Invocation): boolean {
  if (!isInterpreter(name)) return false;
  const names = optionNames(args);
  if (names.has('c') || names.has('e') || names.has('m'))
    return INTERPRETER.test(name) ? false : !names.has('c');
  const [first] = operands(args, new Set(['o', 'O', 'rcfile', 'init-file']));
  return (
    first === undefined ||
    first.text === '-' ||
    first.text === '/dev/stdin' ||
    (shellName(name) !== null && names.has('s'))
  );
}

/** The words of a runner that hold its code or name its file; arguments behind those are data. */
function codeWordsOf({ name, args }: Invocation): Word[] {
  if (name === 'source' || name === '.') return args.slice(0, 1);
  const at = args.findIndex(({ text }) => /^-[A-Za-z]*[ce]$/u.test(text));
  if (at !== -1) return args.slice(at + 1, at + 2);
  return args.filter(({ text }) => !text.startsWith('-')).slice(0, 1);
}

const CHECKS = /^(?:sha[0-9]*sum|shasum|b2sum|gpg|gpgv|gpg2|cosign|minisign|rhash|openssl|signify)$/u;

/** A file that is fetched and run in the same script with no checksum or signature looked at between. */
function savedDownloads(all: readonly (Invocation | null)[]): RunDownload[] {
  const out: RunDownload[] = [];
  const saved = new Map<string, Invocation>();
  for (const found of all) {
    if (found === null) continue;
    if (CHECKS.test(found.name)) saved.clear();
    else if (isDownloader(found.name)) {
      const file = savedAs(found);
      if (file !== null) saved.set(file, found);
    } else if (saved.size > 0) {
      const interpreted = isInterpreter(found.name)
        ? operands(found.args, new Set(['o', 'O']))[0]?.text
        : undefined;
      const file = interpreted ?? found.command.words.at(-found.args.length - 1)?.text ?? '';
      const download = saved.get(file.replace(/^\.\//u, ''));
      if (download !== undefined && !['rm', 'chmod', 'mv', 'tar'].includes(found.name)) {
        out.push({ download, runner: found, how: 'saved' });
        saved.delete(file.replace(/^\.\//u, ''));
      }
    }
  }
  return out;
}

/** The file that a download writes, as a later command would name it. */
function savedAs(download: Invocation): string | null {
  const { name, args, command } = download;
  const redirected = command.redirects.find(({ operator }) => operator === '>')?.target?.text;
  const named =
    redirected ?? optionValue(args, name === 'curl' ? ['output', 'o'] : ['output-document', 'O'])?.text;
  if (named !== undefined) return named === '-' || named.includes('$()') ? null : named.replace(/^\.\//u, '');
  const names = optionNames(args, name === 'curl' ? CURL_VALUED : new Set());
  if (name === 'curl' && !names.has('O') && !names.has('remote-name')) return null;
  const address = addresses(download)[0]?.text.split(/[?#]/u, 1)[0];
  const file = address?.slice(address.lastIndexOf('/') + 1);
  return file === undefined || file === '' ? null : file;
}
