import { addresses, isUnauthenticated, runDownloads } from '../downloads.ts';
import type { DockerfileRule, RuleHit, RunCommand } from '../rule.ts';
import { isWindowsShell } from '../shell/commands.ts';
import { define } from './define.ts';
import { clip, commandText } from './installs.ts';

const POWERSHELL_RUN = /\b(?:iex|Invoke-Expression)\b/iu;
const POWERSHELL_LOAD = /\b(?:DownloadString|iwr|irm|Invoke-WebRequest|Invoke-RestMethod)\b/iu;

export const downloadRun: DockerfileRule = {
  kind: 'dockerfile',
  rule: define({
    id: 'SPD111',
    name: 'download-run-unchecked',
    summary: 'Something is downloaded and run without a check',
    why: 'Whoever controls the server, the domain or the way to it decides what runs in the build and what lies in the image; a connection that breaks off runs half a script.',
    help: 'Download to a file, compare its sha256 with a value in the Dockerfile (`ADD --checksum=sha256:…`, or `sha256sum -c`), then run it; or install the package from a signed repository.',
    severity: 'medium',
    tags: ['supply-chain', 'remote-code', 'CWE-494'],
  }),
  *check(file): Iterable<RuleHit> {
    for (const instruction of file.instructions) {
      const code = instruction.script;
      if (code === null) continue;
      if (isWindowsShell(code.shell)) {
        const text = instruction.rest.text;
        const run = POWERSHELL_RUN.exec(text);
        if (run === null || !POWERSHELL_LOAD.test(text)) continue;
        yield {
          message: 'a script is downloaded and run by Invoke-Expression without a check',
          at: instruction.rest.span(run.index, run.index + run[0].length),
          context: `Invoke-Expression ${/https?:\/\/[^\s'")]+/u.exec(text)?.[0] ?? ''}`,
          severity: /['"(]http:\/\//u.test(text) ? 'high' : undefined,
        };
        continue;
      }
      for (const { download, runner, how } of runDownloads(code.script)) {
        const open = isUnauthenticated(download);
        const what = clip(addresses(download)[0]?.text ?? 'something');
        const verb = { piped: 'piped into', substituted: 'run by', saved: 'saved and run by' }[how];
        const command: RunCommand = { instruction, code, invocation: download };
        const start = Math.min(download.command.start, runner.command.start);
        yield {
          message: `${what} is downloaded and ${verb} ${clip(runner.name)} without a check${open ? ', over a connection that anyone on the way can change' : ''}`,
          at: code.span({ start, end: Math.max(download.command.end, runner.command.end) }),
          context: `${commandText(command)} ${how} ${runner.name}`,
          severity: open ? 'high' : undefined,
        };
      }
    }
  },
};
