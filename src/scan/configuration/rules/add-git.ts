import type { DockerfileRule } from '../rule.ts';
import { isGit, sources } from './copies.ts';
import { define } from './define.ts';
import { clip } from './installs.ts';

export const addGit: DockerfileRule = {
  kind: 'dockerfile',
  rule: define({
    id: 'SPD105',
    name: 'add-git-unpinned',
    summary: 'ADD fetches a Git repository that is not pinned to a commit',
    why: 'Branches and tags can be moved: the next build takes in something else.',
    help: 'Name the full commit: `ADD https://github.com/owner/name.git#<40 hexadecimal digits> /src`, or add `--checksum=<commit>`.',
    helpUri: 'https://docs.docker.com/reference/dockerfile/#adding-files-from-a-git-repository',
    severity: 'medium',
    tags: ['supply-chain', 'reproducibility', 'CWE-494'],
  }),
  *check(file) {
    for (const instruction of file.instructions) {
      if (instruction.keyword !== 'ADD' || instruction.flags.some(({ name }) => name === 'checksum'))
        continue;
      for (const source of sources(instruction)) {
        const address = source.expanded.value;
        if (!isGit(address) || /[#=][0-9a-f]{40}(?:[:&#]|$)/iu.test(address)) continue;
        yield {
          message: `ADD fetches ${clip(source.text)} at no fixed commit`,
          at: source,
          context: `ADD ${source.text}`,
        };
      }
    }
  },
};
