import type { DockerfileRule } from '../rule.ts';
import { define } from './define.ts';
import { commandText, wordSpan } from './installs.ts';

export const sudo: DockerfileRule = {
  kind: 'dockerfile',
  rule: define({
    id: 'DL3004',
    name: 'sudo-in-run',
    summary: 'A RUN uses sudo',
    why: 'sudo in an image is a setuid program that anything in the container can use, and it means that the image gives a user the right to become root.',
    help: 'Run what needs root before `USER`, without sudo, and leave sudo out of the image.',
    severity: 'low',
    tags: ['root', 'CWE-250'],
  }),
  *check(_file, { commands }) {
    for (const command of commands) {
      const word = command.invocation.command.words.find(
        ({ text }) => text === 'sudo' || text === '/usr/bin/sudo',
      );
      if (word === undefined || command.invocation.command.words[0] !== word) continue;
      const at = wordSpan(command, word);
      const plain = command.code.span({ start: word.end, end: word.end + 1 });
      const options = command.invocation.command.words[1]?.text.startsWith('-') === true;
      yield {
        message: 'RUN uses sudo',
        at,
        context: `sudo ${commandText(command)}`,
        ...(options || plain.end - at.end !== 1
          ? {}
          : {
              fix: {
                description: 'Remove sudo; correct only where the command runs as root anyway',
                safe: false,
                edits: [{ at: { start: at.start, end: plain.end }, text: '' }],
              },
            }),
      };
    }
  },
};
