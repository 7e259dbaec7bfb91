import type { Severity } from '../../../model/severity.ts';
import { serviceContext, wordOf } from '../compose/services.ts';
import { entryOf } from '../compose/yaml.ts';
import type { ComposeRule } from '../rule.ts';
import { define } from './define.ts';

const NAMESPACES: readonly [string, Severity, string][] = [
  ['network_mode', 'medium', 'the network of the host: every port it opens, and every service on localhost'],
  ['pid', 'high', 'the processes of the host: it sees them, their environment, and can signal them'],
  ['ipc', 'medium', 'the shared memory of the host'],
  ['userns_mode', 'medium', 'the user ids of the host: root in the container is root on the host'],
  ['uts', 'low', 'the host name of the host'],
  ['cgroup', 'low', 'the control groups of the host'],
];

export const hostNamespace: ComposeRule = {
  kind: 'compose',
  rule: define({
    id: 'SPC108',
    name: 'host-namespace',
    summary: 'A service shares a namespace with the host',
    why: 'Namespaces are what keeps a container apart from the host; without one the host lies open at that point.',
    help: 'Remove the setting; publish the ports that are needed with `ports`.',
    severity: 'medium',
    tags: [
      'host-access',
      'CWE-653',
      'CIS-Docker-5.10',
      'CIS-Docker-5.16',
      'CIS-Docker-5.17',
      'CIS-Docker-5.21',
      'CIS-Docker-5.31',
    ],
  }),
  *check(file) {
    for (const service of file.services) {
      for (const [key, severity, what] of NAMESPACES) {
        const entry = entryOf(service.node, key);
        if (entry === null || wordOf(entry.value) !== 'host') continue;
        yield {
          message: `the service ${service.name} shares ${what}`,
          at: { start: entry.keySpan.start, end: entry.value.end },
          context: serviceContext(service, key),
          severity,
        };
      }
    }
  },
};
