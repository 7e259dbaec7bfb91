import type { DockerfileRule, RuleHit } from '../rule.ts';
import { define } from './define.ts';
import { commandText, wordSpan } from './installs.ts';

const APT =
  /^(?:--allow-unauthenticated|--force-yes|--allow-insecure-repositories)$|(?:AllowUnauthenticated|AllowInsecureRepositories)=(?:true|1|yes)/iu;
const OPTIONS: Record<string, RegExp> = {
  'apt-get': APT,
  apt: APT,
  aptitude: APT,
  apk: /^--allow-untrusted$/u,
  yum: /^--nogpgcheck$|^--setopt=.*gpgcheck=(?:0|false)/u,
  dnf: /^--nogpgcheck$|^--no-gpgchecks$|^--setopt=.*gpgcheck=(?:0|false)/u,
  microdnf: /^--nogpgcheck$|^--setopt=.*gpgcheck=(?:0|false)/u,
  tdnf: /^--nogpgcheck$/u,
  zypper: /^--no-gpg-checks$|^--allow-unsigned-rpm$|^--no-gpgcheck$/u,
  rpm: /^--no(?:signature|gpg|digest)$/u,
};

export const signatureOff: DockerfileRule = {
  kind: 'dockerfile',
  rule: define({
    id: 'SPD113',
    name: 'package-signature-unchecked',
    summary: 'Packages are installed without a check of their signatures',
    why: 'The signature is what says that a package comes from the distribution; package mirrors are often reached by plain HTTP. Without it anyone on the way installs what they like, as root.',
    help: 'Remove the option and import the key of the repository (`signed-by=` in the sources list, `rpm --import`, a key in `/etc/apk/keys`).',
    severity: 'medium',
    tags: ['supply-chain', 'signature', 'CWE-347'],
  }),
  *check(_file, { commands }): Iterable<RuleHit> {
    for (const command of commands) {
      const { name, args } = command.invocation;
      const test = Object.hasOwn(OPTIONS, name) ? OPTIONS[name] : undefined;
      const option = test === undefined ? undefined : args.find(({ text }) => test.test(text));
      if (option !== undefined) {
        yield {
          message: `${name} is told not to check signatures (${option.text.slice(0, 80)})`,
          at: wordSpan(command, option),
          context: commandText(command),
          severity: test === APT ? 'high' : undefined,
        };
        continue;
      }
      if (name !== 'echo' && name !== 'printf') continue;
      const source = args.find(
        ({ text }) =>
          /^\s*deb(?:-src)?\s+\[[^\]]{0,200}trusted=yes/u.test(text) ||
          /(?:^|\n)\s*gpgcheck\s*=\s*0/u.test(text),
      );
      if (source === undefined) continue;
      yield {
        message: 'a package source is added that is trusted without a signature',
        at: wordSpan(command, source),
        context: commandText(command),
        severity: /http:\/\//u.test(source.text) ? 'high' : undefined,
      };
    }
  },
};
