import type { DockerfileRule, RuleHit } from '../rule.ts';
import { isWindowsShell } from '../shell/commands.ts';
import type { Pipe, Script } from '../shell/model.ts';
import { define } from './define.ts';

export const pipefail: DockerfileRule = {
  kind: 'dockerfile',
  rule: define({
    id: 'DL4006',
    name: 'pipe-without-pipefail',
    summary: 'A pipe hides the failure of its first command',
    why: 'Only the last command of a pipe decides whether RUN succeeds: a download or a signature check that failed in front of it goes unnoticed, and the image is built with what was there.',
    help: 'Set `SHELL ["/bin/bash", "-o", "pipefail", "-c"]` (or `/bin/ash` with the same options on Alpine) before the RUN, begin it with `set -o pipefail`, or download to a file first.',
    severity: 'low',
    tags: ['reproducibility', 'CWE-754'],
  }),
  *check(file): Iterable<RuleHit> {
    for (const { keyword, script: code } of file.instructions) {
      if (keyword !== 'RUN' || code === null) continue;
      const { commands, pipes } = code.script;
      // Of several pipes the one that tells most: a command that only prints what it was given hardly fails.
      const prints = ({ left }: Pipe): boolean =>
        /^(?:echo|printf|yes|true)$/u.test(commands[left.to - 1]?.words[0]?.text ?? '');
      const pipe = pipes.find((each) => !prints(each)) ?? pipes[0];
      if (pipe === undefined || code.pipefail || isWindowsShell(code.shell) || setsPipefail(code.script))
        continue;
      const left = commands[pipe.left.to - 1];
      const right = commands[pipe.right.from];
      const name = (words: { text: string }[] | undefined): string =>
        words?.[0]?.text.slice(0, 60) ?? 'a group';
      yield {
        message: `if ${name(left?.words)} fails, the pipe into ${name(right?.words)} hides it: the shell runs without pipefail`,
        at: code.span(pipe.at),
        context: `${left?.words.map(({ text }) => text).join(' ')} | ${right?.words.map(({ text }) => text).join(' ')}`,
        severity: prints(pipe) ? 'info' : undefined,
      };
    }
  },
};

function setsPipefail({ commands }: Script): boolean {
  return commands.some(
    ({ words }) => words[0]?.text === 'set' && words.some(({ text }) => text === 'pipefail'),
  );
}
