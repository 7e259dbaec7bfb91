import type { DockerfileRule } from '../rule.ts';
import { isUrl, sources } from './copies.ts';
import { define } from './define.ts';
import { clip } from './installs.ts';

export const addUrl: DockerfileRule = {
  kind: 'dockerfile',
  rule: define({
    id: 'SPD104',
    name: 'add-url-without-checksum',
    summary: 'ADD fetches a URL without a checksum',
    why: 'What the server sends on the day of the build becomes part of the image, whatever it is.',
    help: 'Write down what is expected: `ADD --checksum=sha256:… https://… /dest`.',
    helpUri: 'https://docs.docker.com/reference/dockerfile/#add---checksum',
    severity: 'medium',
    tags: ['supply-chain', 'reproducibility', 'CWE-494', 'CIS-Docker-4.9'],
  }),
  *check(file) {
    for (const instruction of file.instructions) {
      if (instruction.keyword !== 'ADD' || instruction.flags.some(({ name }) => name === 'checksum'))
        continue;
      for (const source of sources(instruction)) {
        const address = source.expanded.value;
        if (!isUrl(address)) continue;
        const open = /^http:/iu.test(address);
        yield {
          message: `ADD fetches ${clip(source.text)} without a checksum${open ? ', over plain HTTP' : ''}`,
          at: source,
          context: `ADD ${source.text}`,
          severity: open ? 'high' : undefined,
        };
      }
    }
  },
};
