import { lineage } from '../dockerfile/model.ts';
import type { DockerfileRule } from '../rule.ts';
import { define } from './define.ts';

export const healthcheckMissing: DockerfileRule = {
  kind: 'dockerfile',
  rule: define({
    id: 'SPD116',
    name: 'healthcheck-missing',
    summary: 'An image that offers a port has no HEALTHCHECK',
    why: 'Docker and Swarm then take the service for healthy as long as its process lives. Kubernetes has its own probes and does not look at HEALTHCHECK.',
    help: 'Add a `HEALTHCHECK CMD` that asks the service itself, or `HEALTHCHECK NONE` where an orchestrator does.',
    severity: 'info',
    tags: ['availability', 'CIS-Docker-4.6'],
  }),
  *check(_file, { shipped }) {
    for (const stage of shipped) {
      const instructions = lineage(stage).flatMap((each) => each.instructions);
      if (instructions.some(({ keyword }) => keyword === 'HEALTHCHECK')) continue;
      const expose = stage.instructions.findLast(({ keyword, onbuild }) => keyword === 'EXPOSE' && !onbuild);
      if (expose === undefined) continue;
      yield {
        message: `port ${expose.args
          .map(({ text }) => text.slice(0, 60))
          .slice(0, 5)
          .join(', ')} is offered, and nothing checks whether the service behind it answers`,
        at: expose,
        context: `no HEALTHCHECK in ${stage.name ?? 'the last stage'}`,
      };
    }
  },
};
