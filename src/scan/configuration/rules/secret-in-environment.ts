import { serviceContext, variablesOf } from '../compose/services.ts';
import { entryOf } from '../compose/yaml.ts';
import type { ComposeRule, RuleHit } from '../rule.ts';
import {
  isSecretName,
  judgeSecretValue,
  knownToken,
  type SecretValue,
  textToMask,
  urlPassword,
} from '../secrets.ts';
import { define } from './define.ts';

export const secretInEnvironment: ComposeRule = {
  kind: 'compose',
  rule: define({
    id: 'SPC112',
    name: 'secret-in-environment',
    summary: 'A secret stands literally in the environment or the build arguments of a service',
    why: 'It lies in every clone of the repository, and a default that is written down is the password in use wherever nobody set another.',
    help: 'Take it from outside: a variable without a default, or `secrets:` with a file that is not in the repository. Replace what was committed.',
    severity: 'medium',
    tags: ['secret', 'CWE-798', 'CWE-1392'],
  }),
  *check(file): Iterable<RuleHit> {
    for (const service of file.services) {
      const places = [
        { where: 'environment', node: entryOf(service.node, 'environment')?.value },
        { where: 'build arguments', node: service.build?.args },
      ];
      for (const { where, node } of places) {
        for (const { name, value, start, end } of variablesOf(node)) {
          if (value === null) continue;
          const found = judge(name, value.value);
          if (found === null) continue;
          const says = found.kind === 'known' ? 'holds' : 'has';
          yield {
            message: `${name.slice(0, 80)} in the ${where} of ${service.name} ${says} a ${found.what} where a secret belongs`,
            at: { start, end },
            context: serviceContext(service, `${where} ${name}`),
            secret: textToMask(found),
            // Critical is what is baked into an image; this is not.
            severity: found.severity === 'critical' ? 'high' : found.severity,
          };
        }
      }
    }
  },
};

function judge(name: string, text: string): SecretValue | null {
  const token = knownToken(text);
  if (token !== null) return token;
  const url = urlPassword(text);
  if (url !== null) return url;
  if (!isSecretName(name) || /^(?:true|false|yes|no|on|off|[0-9]{1,3})$/iu.test(text)) return null;
  return judgeSecretValue(text);
}
