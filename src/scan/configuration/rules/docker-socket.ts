import { mountsOf, serviceContext, wordOf } from '../compose/services.ts';
import { entryOf, textOf } from '../compose/yaml.ts';
import type { ComposeRule } from '../rule.ts';
import { define } from './define.ts';

const SOCKET = /(?:^|\/)(?:docker|podman|containerd|crio|cri-dockerd)\.sock$/u;

export const dockerSocket: ComposeRule = {
  kind: 'compose',
  rule: define({
    id: 'SPC106',
    name: 'container-socket-mounted',
    summary: "A service is given the socket of the host's container engine",
    why: 'Who can talk to the socket can start a privileged container with the whole disk of the host: it is root on the host. Mounting it read-only changes nothing about that.',
    help: 'Do without it; or put a proxy in front of it that lets only the needed calls through.',
    severity: 'high',
    tags: ['host-access', 'CWE-250', 'CIS-Docker-5.32'],
  }),
  *check(file) {
    for (const service of file.services) {
      for (const mount of mountsOf(service)) {
        if (!SOCKET.test(mount.source)) continue;
        const whole = wordOf(entryOf(service.node, 'privileged')?.value) === 'true';
        const proxy = /socket-proxy/u.test(textOf(service.image?.value) ?? '');
        yield {
          message: `the service ${service.name} is given ${mount.source.slice(0, 100)}${whole ? ' and runs privileged' : proxy ? ', as a proxy for it' : ''}`,
          at: mount,
          context: serviceContext(service, `mount ${mount.source}`),
          severity: whole ? 'critical' : proxy ? 'medium' : undefined,
        };
      }
    }
  },
};
