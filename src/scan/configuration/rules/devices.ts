import { interpolate } from '../compose/interpolate.ts';
import { serviceContext } from '../compose/services.ts';
import { entryOf, textOf } from '../compose/yaml.ts';
import type { ComposeRule } from '../rule.ts';
import { define } from './define.ts';

const DANGEROUS =
  /^\/dev(?:\/(?:mem|kmem|port|kmsg|sd[a-z][0-9]*|nvme[0-9].*|vd[a-z][0-9]*|xvd[a-z][0-9]*|hd[a-z][0-9]*|mapper\/.*|disk\/.*|loop-control))?$/u;

export const devices: ComposeRule = {
  kind: 'compose',
  rule: define({
    id: 'SPC115',
    name: 'dangerous-device',
    summary: "A service is given the host's disks or memory as a device",
    why: 'Through the raw device everything on the host can be read and changed, past all permissions.',
    help: 'Remove the device; give the service a volume.',
    severity: 'high',
    tags: ['host-access', 'CWE-250', 'CIS-Docker-5.18'],
  }),
  *check(file) {
    for (const service of file.services) {
      const list = entryOf(service.node, 'devices')?.value;
      for (const item of list?.kind === 'sequence' ? list.items : []) {
        const text = item.kind === 'map' ? textOf(entryOf(item, 'source')?.value) : textOf(item);
        const device = interpolate(text ?? '').value.split(':', 1)[0] ?? '';
        if (!DANGEROUS.test(device)) continue;
        yield {
          message: `the service ${service.name} is given ${device.slice(0, 80)}`,
          at: { start: item.start, end: item.end },
          context: serviceContext(service, `device ${device}`),
        };
      }
    }
  },
};
