import type { Severity } from '../../../model/severity.ts';
import { mountsOf, serviceContext } from '../compose/services.ts';
import type { ComposeRule } from '../rule.ts';
import { define } from './define.ts';

/** Folders of the host, and how bad it is to give them away writable and read-only. */
const FOLDERS: readonly [RegExp, string, Severity, Severity][] = [
  [/^\/$/u, 'the whole disk of the host', 'high', 'medium'],
  [/^\/(?:etc|root|boot|usr|bin|sbin|lib|lib64|var|opt)$/u, 'a system folder of the host', 'high', 'medium'],
  [
    /^\/etc\/(?:shadow|sudoers|sudoers\.d|ssh|kubernetes|cron\.d|systemd)(?:\/|$)/u,
    'system configuration of the host',
    'high',
    'medium',
  ],
  [/^\/etc\/(?:passwd|group)$/u, 'the accounts of the host', 'high', 'low'],
  [/^\/(?:dev|proc|sys)$/u, 'the kernel interface of the host', 'high', 'low'],
  [
    /^\/var\/lib\/(?:docker|containers|containerd|kubelet)(?:\/containers)?$/u,
    'the storage of all containers',
    'high',
    'low',
  ],
  [/^\/(?:var\/)?run$/u, 'the sockets of the host', 'high', 'medium'],
  [/^\/(?:home|Users)$/u, 'the home folders of the host', 'high', 'medium'],
  [/^(?:~|\$\{HOME\})$/u, 'a home folder', 'medium', 'medium'],
  [
    /^(?:~|\$\{HOME\}|\/root|\/home\/[^/]+)\/\.(?:ssh|aws|kube|gnupg|azure|docker)(?:\/|$)/u,
    'credentials of a user',
    'medium',
    'medium',
  ],
  [
    /^(?:~|\$\{HOME\}|\/root|\/home\/[^/]+)\/\.config\/gcloud(?:\/|$)/u,
    'credentials of a user',
    'medium',
    'medium',
  ],
  [/^\/sys\/fs\/cgroup$/u, 'the control groups of the host', 'medium', 'info'],
];

export const hostPath: ComposeRule = {
  kind: 'compose',
  rule: define({
    id: 'SPC107',
    name: 'sensitive-host-path-mounted',
    summary: 'A service is given a sensitive folder of the host',
    why: 'What breaks into the service can change the system (or read its secrets), and with that leave the container.',
    help: 'Mount only the file or folder that is needed, read-only (`:ro`), or use a named volume, `configs` or `secrets`.',
    severity: 'high',
    tags: ['host-access', 'CWE-668', 'CIS-Docker-5.6'],
  }),
  *check(file) {
    for (const service of file.services) {
      for (const mount of mountsOf(service)) {
        const path = mount.source.length > 1 ? mount.source.replace(/\/+$/u, '') || '/' : mount.source;
        const found = FOLDERS.find(([pattern]) => pattern.test(path));
        if (found === undefined) continue;
        const [, what, writable, readOnly] = found;
        yield {
          message: `the service ${service.name} is given ${path.slice(0, 100)}, ${what}${mount.readOnly ? ', read-only' : ''}`,
          at: mount,
          context: serviceContext(service, `mount ${path} ${mount.readOnly ? 'ro' : 'rw'}`),
          severity: mount.readOnly ? readOnly : writable,
        };
      }
    }
  },
};
