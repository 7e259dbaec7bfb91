import { serviceContext, wordOf } from '../compose/services.ts';
import { entryOf } from '../compose/yaml.ts';
import type { ComposeRule } from '../rule.ts';
import { define } from './define.ts';

export const privileged: ComposeRule = {
  kind: 'compose',
  rule: define({
    id: 'SPC105',
    name: 'privileged',
    summary: 'A service runs privileged',
    why: 'A privileged container has every device and every right of the host: breaking into it is breaking into the host.',
    help: 'Remove `privileged`. Give the one capability (`cap_add`) or device (`devices`) that is needed.',
    severity: 'high',
    tags: ['host-access', 'CWE-250', 'CIS-Docker-5.5'],
  }),
  *check(file) {
    for (const service of file.services) {
      const entry = entryOf(service.node, 'privileged');
      if (entry === null || wordOf(entry.value) !== 'true') continue;
      yield {
        message: `the service ${service.name} runs privileged`,
        at: { start: entry.keySpan.start, end: entry.value.end },
        context: serviceContext(service, 'privileged'),
      };
    }
  },
};
