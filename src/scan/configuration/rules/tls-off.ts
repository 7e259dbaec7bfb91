import { isLocal, skipsCertificate } from '../downloads.ts';
import type { DockerfileRule, RuleHit } from '../rule.ts';
import type { Invocation } from '../shell/commands.ts';
import type { Word } from '../shell/model.ts';
import { define } from './define.ts';
import { clip, commandText, wordSpan } from './installs.ts';

/** Variables that turn certificate checks off, and the values that do. */
const VARIABLES: Record<string, RegExp> = {
  NODE_TLS_REJECT_UNAUTHORIZED: /^["']?0["']?$/u,
  PYTHONHTTPSVERIFY: /^["']?0["']?$/u,
  GIT_SSL_NO_VERIFY: /^["']?(?:1|true|yes)["']?$/iu,
  NPM_CONFIG_STRICT_SSL: /^["']?(?:false|0)["']?$/iu,
  GOINSECURE: /./u,
  PIP_TRUSTED_HOST: /./u,
  HELM_INSECURE_SKIP_TLS_VERIFY: /^["']?(?:1|true)["']?$/iu,
};

export const tlsOff: DockerfileRule = {
  kind: 'dockerfile',
  rule: define({
    id: 'SPD112',
    name: 'tls-verification-off',
    summary: 'Certificates are not checked',
    why: 'Without the check anyone between the build and the server can hand over something else, and it becomes part of the image.',
    help: 'Remove the option. Where the server has a certificate of a private authority, add that authority to the image (`update-ca-certificates`, `--cacert`, `NODE_EXTRA_CA_CERTS`).',
    severity: 'medium',
    tags: ['supply-chain', 'tls', 'CWE-295'],
  }),
  *check(file, { commands }): Iterable<RuleHit> {
    for (const command of commands) {
      const { invocation } = command;
      const found = turnsOff(invocation);
      if (found === null || invocation.args.some(({ text }) => isLocal(text))) continue;
      yield {
        message: `${invocation.name} is told not to check certificates (${clip(found.map(({ text }) => text).join(' '))})`,
        at: {
          start: wordSpan(command, found[0]).start,
          end: wordSpan(command, found.at(-1) ?? found[0]).end,
        },
        context: commandText(command),
      };
    }
    for (const { keyword, pairs, script } of file.instructions) {
      for (const pair of keyword === 'ENV' || keyword === 'ARG' ? pairs : []) {
        if (!switchesOff(pair.name, pair.value?.text ?? '')) continue;
        yield {
          message: `${keyword} ${pair.name} turns the check of certificates off`,
          at: pair,
          context: `${keyword} ${pair.name}`,
        };
      }
      for (const { assignments } of script?.script.commands ?? []) {
        for (const { name, value } of assignments) {
          if (!switchesOff(name, value.text) || script === null) continue;
          const at = script.span({ start: value.start - name.length - 1, end: value.end });
          yield { message: `${name} turns the check of certificates off`, at, context: `RUN ${name}` };
        }
      }
    }
  },
};

function switchesOff(name: string, value: string): boolean {
  const upper = name.toUpperCase();
  return Object.hasOwn(VARIABLES, upper) && VARIABLES[upper]?.test(value.trim()) === true;
}

type Words = [Word, ...Word[]];

/** The words of a command that turn the check off. */
function turnsOff(invocation: Invocation): Words | null {
  const { name, args } = invocation;
  const own = skipsCertificate(invocation);
  if (own !== null) return [own];
  const one = (test: RegExp): Words | null => {
    const word = args.find(({ text }) => test.test(text));
    return word === undefined ? null : [word];
  };
  const pair = (first: RegExp, second: RegExp): Words | null => {
    for (let at = 0; at + 1 < args.length; at++) {
      const [a, b] = [args[at], args[at + 1]];
      if (a !== undefined && b !== undefined && first.test(a.text) && second.test(b.text)) return [a, b];
    }
    return null;
  };
  if (/^pip[0-9.]*$/u.test(name) || /^python/u.test(name))
    return pair(/^--trusted-host$/u, /./u) ?? one(/^--trusted-host=/u);
  switch (name) {
    case 'npm':
    case 'yarn':
    case 'pnpm':
      return pair(/strict-ssl$/u, /^false$/u) ?? one(/^(?:--)?strict-ssl=false$|^--no-strict-ssl$/u);
    case 'git':
      return (
        one(/^http\.(?:.*\.)?sslVerify=(?:false|0)$/iu) ??
        pair(/^http\.(?:.*\.)?sslVerify$/iu, /^(?:false|0)$/iu)
      );
    case 'conda':
    case 'mamba':
      return pair(/^ssl_verify$/u, /^false$/iu);
    case 'composer':
      return pair(/^disable-tls$/u, /^true$/u);
    case 'apt-get':
    case 'apt':
      return one(/Verify-(?:Peer|Host)=(?:false|0)/iu);
    case 'yum':
    case 'dnf':
    case 'microdnf':
      return one(/^--setopt=.*sslverify=(?:0|false)/iu);
    default:
      return one(
        /^--(?:insecure-skip-tls-verify(?:=true)?|no-check-certificate|tls-verify=false|skip-tls-verify)$/u,
      );
  }
}
