import { serviceContext } from '../compose/services.ts';
import { entryOf, scalarsOf } from '../compose/yaml.ts';
import type { ComposeRule } from '../rule.ts';
import { define } from './define.ts';

const OFF =
  /^(?:(?:seccomp|apparmor|systempaths)[:=]unconfined|label[:=]disable|no-new-privileges[:=]false)$/u;

export const confinementOff: ComposeRule = {
  kind: 'compose',
  rule: define({
    id: 'SPC110',
    name: 'confinement-off',
    summary: 'A service switches a protection of the container engine off',
    why: 'seccomp, AppArmor and SELinux are what stands between a hole in the kernel and a container that uses it.',
    help: 'Remove the option, or hand over a profile that adds only what is needed.',
    severity: 'medium',
    tags: ['confinement', 'CWE-693', 'CIS-Docker-5.2', 'CIS-Docker-5.3', 'CIS-Docker-5.22'],
  }),
  *check(file) {
    for (const service of file.services) {
      for (const { text, start, end } of scalarsOf(entryOf(service.node, 'security_opt')?.value)) {
        const option = (text ?? '').trim().toLowerCase();
        if (!OFF.test(option)) continue;
        yield {
          message: `the service ${service.name} sets ${option}`,
          at: { start, end },
          context: serviceContext(service, option),
        };
      }
    }
  },
};
