import type { DockerfileRule } from '../rule.ts';
import { define } from './define.ts';

export const sshPort: DockerfileRule = {
  kind: 'dockerfile',
  rule: define({
    id: 'SPD117',
    name: 'ssh-port-exposed',
    summary: 'The image offers SSH',
    why: 'An SSH server in a container is another way in, with its own accounts and keys to look after; `docker exec` and `kubectl exec` need none.',
    help: 'Remove the SSH server and `EXPOSE 22`.',
    severity: 'low',
    tags: ['attack-surface', 'CIS-Docker-5.7'],
  }),
  *check(file, { shipped }) {
    const stages = new Set(shipped);
    for (const { keyword, args, stage } of file.instructions) {
      if (keyword !== 'EXPOSE' || stage === null || !stages.has(stage)) continue;
      for (const arg of args) {
        const match = /^([0-9]{1,5})(?:-([0-9]{1,5}))?(?:\/(\w+))?$/u.exec(arg.expanded.value);
        if (match === null || (match[3] ?? 'tcp').toLowerCase() !== 'tcp') continue;
        const [from, to] = [Number(match[1]), Number(match[2] ?? match[1])];
        if (from <= 22 && 22 <= to)
          yield { message: 'EXPOSE offers port 22', at: arg, context: `EXPOSE ${arg.text}` };
      }
    }
  },
};
