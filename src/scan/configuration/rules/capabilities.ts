import type { Severity } from '../../../model/severity.ts';
import { serviceContext } from '../compose/services.ts';
import { entryOf, scalarsOf } from '../compose/yaml.ts';
import type { ComposeRule } from '../rule.ts';
import { define } from './define.ts';

const CAPABILITIES: Record<string, Severity> = {
  ALL: 'high',
  SYS_ADMIN: 'high',
  SYS_MODULE: 'high',
  SYS_RAWIO: 'high',
  SYS_PTRACE: 'medium',
  SYS_BOOT: 'high',
  DAC_READ_SEARCH: 'high',
  BPF: 'high',
  MAC_ADMIN: 'high',
  MAC_OVERRIDE: 'high',
  NET_ADMIN: 'medium',
  SYS_TIME: 'medium',
  SYSLOG: 'medium',
  PERFMON: 'medium',
};

export const capabilities: ComposeRule = {
  kind: 'compose',
  rule: define({
    id: 'SPC109',
    name: 'dangerous-capability',
    summary: 'A service is given a dangerous capability',
    why: 'Some capabilities are root on the host by another name: loading modules, mounting disks, reading other processes.',
    help: 'Remove it; begin with `cap_drop: [ALL]` and add only what the service fails without.',
    severity: 'high',
    tags: ['host-access', 'CWE-250', 'CIS-Docker-5.4'],
  }),
  *check(file) {
    for (const service of file.services) {
      for (const { text, start, end } of scalarsOf(entryOf(service.node, 'cap_add')?.value)) {
        const name = (text ?? '').toUpperCase().replace(/^CAP_/u, '');
        const severity = Object.hasOwn(CAPABILITIES, name) ? CAPABILITIES[name] : undefined;
        if (severity === undefined) continue;
        yield {
          message: `the service ${service.name} is given the capability ${name}`,
          at: { start, end },
          context: serviceContext(service, `capability ${name}`),
          severity,
        };
      }
    }
  },
};
