import { serviceContext, wordOf } from '../compose/services.ts';
import { entryOf } from '../compose/yaml.ts';
import type { ComposeRule } from '../rule.ts';
import { isRootUser } from '../runs-as.ts';
import { define } from './define.ts';

export const serviceUserRoot: ComposeRule = {
  kind: 'compose',
  rule: define({
    id: 'SPC111',
    name: 'service-user-root',
    summary: 'A service is run as root',
    why: 'The setting overrules the USER of the image: what breaks into the process is root in the container.',
    help: 'Remove `user`, or give a numeric id of no rights: `user: "10001:10001"`.',
    severity: 'medium',
    tags: ['root', 'CWE-250', 'CIS-Docker-4.1'],
  }),
  *check(file) {
    for (const service of file.services) {
      const entry = entryOf(service.node, 'user');
      const user = wordOf(entry?.value);
      if (entry === null || user === null || !isRootUser(user)) continue;
      yield {
        message: `the service ${service.name} is run as ${user.slice(0, 40)}`,
        at: { start: entry.keySpan.start, end: entry.value.end },
        context: serviceContext(service, 'user root'),
      };
    }
  },
};
