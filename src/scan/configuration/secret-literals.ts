import { isSecretName, judgeSecretValue, knownToken, type SecretValue, urlPassword } from './secrets.ts';
import type { Invocation } from './shell/commands.ts';
import type { Command, Script, Word } from './shell/model.ts';

/** A secret that stands literally in a command. */
export interface SecretLiteral {
  word: Word;
  /** What gives it away: `--password`, `the variable DB_PASSWORD`, `the header Authorization`. */
  by: string;
  value: SecretValue;
}

/** Short options that take a password, by program; `attached`: only as `-pVALUE`. */
const PASSWORD_OPTIONS: Record<string, { option: string; attached?: true }> = {
  mysql: { option: '-p', attached: true },
  mysqladmin: { option: '-p', attached: true },
  mysqldump: { option: '-p', attached: true },
  mariadb: { option: '-p', attached: true },
  'mariadb-admin': { option: '-p', attached: true },
  sshpass: { option: '-p' },
  docker: { option: '-p' },
  podman: { option: '-p' },
  'redis-cli': { option: '-a' },
};
const HEADER =
  /^(authorization|proxy-authorization|private-token|job-token|x-api-key|api-key|x-auth-token|x-vault-token|cookie)\s*:\s*(?:(?:basic|bearer|token)\s+)?(.+)$/iu;
const FILE_TOKEN = /(?:_authToken|_password|_auth)\s*=\s*([^\s"'$]{8,400})/u;

const MAX_LITERALS = 100;

/** The secrets that stand literally in the words of a command, each word once, the first hundred of them. */
export function secretLiterals({ name, args, command }: Invocation): SecretLiteral[] {
  const out: SecretLiteral[] = [...assignedSecrets(command, name, args)];
  const seen = new Set(out.map(({ word }) => word.start));
  const add = (word: Word | undefined, by: string, value: SecretValue | null): boolean => {
    if (word === undefined || value === null || seen.has(word.start)) return false;
    seen.add(word.start);
    out.push({ word, by, value });
    return true;
  };
  const short = Object.hasOwn(PASSWORD_OPTIONS, name) ? PASSWORD_OPTIONS[name] : undefined;
  const login = (name !== 'docker' && name !== 'podman') || args[0]?.text === 'login';
  for (let at = 0; at < args.length && out.length < MAX_LITERALS; at++) {
    const word = args[at];
    if (word === undefined) break;
    const { text } = word;
    const token = knownToken(text);
    if (token !== null) {
      add(word, 'its form', token);
      continue;
    }
    if (add(word, 'a URL', urlPassword(text))) continue;
    const next = args[at + 1];
    const option = /^--?([A-Za-z][A-Za-z0-9_.-]{2,80})(?:=(.*))?$/su.exec(text);
    if (option !== null && isSecretName(option[1] ?? '')) {
      const [, optionName = '', attached] = option;
      if (attached !== undefined) add(word, `--${optionName}`, judgeOption(attached));
      else if (text.startsWith('--') && next !== undefined) add(next, text, judgeOption(next.text));
    } else if (short !== undefined && login && text.startsWith(short.option) && !text.startsWith('--')) {
      if (text.length > 2) add(word, short.option, judgeSecretValue(text.slice(2)));
      else if (short.attached === undefined) add(next, short.option, judgeSecretValue(next?.text ?? ''));
    } else if (name === 'curl' || name === 'wget' || name === 'http') {
      addHttp(text, word, next, add);
    } else {
      const file = FILE_TOKEN.exec(text)?.[1];
      if (file !== undefined) add(word, 'an npm token entry', judgeSecretValue(file));
      else if (/:?_authToken$/u.test(text)) add(next, '_authToken', judgeSecretValue(next?.text ?? ''));
    }
  }
  return out;
}

type Add = (word: Word | undefined, by: string, value: SecretValue | null) => boolean;

function addHttp(text: string, word: Word, next: Word | undefined, add: Add): void {
  if (text === '-u' || text === '--user') {
    const password = /^[^:]{0,200}:(.+)$/su.exec(next?.text ?? '')?.[1];
    if (password !== undefined) add(next, text, judgeSecretValue(password));
    return;
  }
  const header = HEADER.exec(text.replace(/^(?:-H|--header=)/u, ''));
  if (header !== null) add(word, `the header ${header[1]}`, judgeSecretValue(header[2] ?? ''));
}

/** An option's value: not another option, not a `key=value` list as `--secret id=x` has. */
function judgeOption(value: string): SecretValue | null {
  return value.startsWith('-') || /^(?:id|type|src|env|name)=/u.test(value) ? null : judgeSecretValue(value);
}

/** `NAME=value command`, `export NAME=value`, `env NAME=value`. */
function* assignedSecrets(command: Command, name: string, args: Word[]): Iterable<SecretLiteral> {
  const exported = name === 'export' || name === 'set' || name === 'setx' ? args : [];
  const assignments = [
    ...command.assignments,
    ...exported.flatMap((word) => {
      const equals = word.text.indexOf('=');
      return equals < 1
        ? []
        : [{ name: word.text.slice(0, equals), value: { ...word, text: word.text.slice(equals + 1) } }];
    }),
  ];
  for (const { name: variable, value: word } of assignments) {
    const value = isSecretName(variable) && !word.dynamic ? judgeSecretValue(word.text) : null;
    if (value !== null) yield { word, by: `the variable ${variable.slice(0, 80)}`, value };
  }
}

/** Passwords set by `echo user:password | chpasswd` and `echo password | passwd --stdin`. */
export function pipedPasswords({ commands, pipes }: Script): SecretLiteral[] {
  const out: SecretLiteral[] = [];
  for (const { left, right } of pipes) {
    const to = commands[right.from]?.words.find(({ text }) =>
      /(?:^|\/)(?:chpasswd|passwd)$/u.test(text),
    )?.text;
    if (to === undefined) continue;
    const words = commands[left.to - 1]?.words ?? [];
    if (words[0]?.text !== 'echo' && words[0]?.text !== 'printf') continue;
    const word = words.findLast(({ text }) => !text.startsWith('-'));
    if (word === undefined || word === words[0]) continue;
    const password = to.endsWith('chpasswd') ? /^[^:]{1,100}:(.+)$/su.exec(word.text)?.[1] : word.text;
    const value = password === undefined ? null : judgeSecretValue(password.replace(/\\n$/u, ''));
    // A well-known password is worse than a placeholder here: it is the account's password.
    if (value !== null) out.push({ word, by: to, value: { ...value, severity: 'medium' } });
  }
  return out;
}

/** Commands that only assign have no invocation; their secrets all the same. */
export function assignmentSecrets(script: Script): SecretLiteral[] {
  return script.commands
    .filter(({ words }) => words.length === 0)
    .flatMap((command) => [...assignedSecrets(command, '', [])]);
}
