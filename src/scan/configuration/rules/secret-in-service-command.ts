import { interpolate } from '../compose/interpolate.ts';
import { serviceContext } from '../compose/services.ts';
import { entryOf, scalarsOf } from '../compose/yaml.ts';
import type { ComposeRule, RuleHit } from '../rule.ts';
import { secretLiterals } from '../secret-literals.ts';
import { textToMask } from '../secrets.ts';
import { invocation } from '../shell/commands.ts';
import type { Command } from '../shell/model.ts';
import { parseShell } from '../shell/parse.ts';
import type { Span } from '../text.ts';
import { define } from './define.ts';

export const secretInServiceCommand: ComposeRule = {
  kind: 'compose',
  rule: define({
    id: 'SPC118',
    name: 'secret-in-service-command',
    summary: 'A secret stands literally in the command of a service',
    why: 'It lies in every clone of the repository, and everyone who can list processes on the host sees it.',
    help: 'Hand it over by `secrets:` and a file, or by a variable from outside. Replace what was committed.',
    severity: 'medium',
    tags: ['secret', 'CWE-798', 'CWE-214'],
  }),
  *check(file): Iterable<RuleHit> {
    for (const service of file.services) {
      for (const key of ['command', 'entrypoint']) {
        const node = entryOf(service.node, key)?.value;
        if (node === undefined) continue;
        const commands: Command[] =
          node.kind === 'scalar'
            ? parseShell(interpolate(node.text ?? '').value).commands
            : [
                wordsAsCommand(
                  scalarsOf(node).map(({ text, ...span }) => ({
                    text: interpolate(text ?? '').value,
                    ...span,
                  })),
                ),
              ];
        for (const command of commands) {
          const found = invocation(command);
          for (const { word, by, value } of found === null ? [] : secretLiterals(found)) {
            const at: Span = node.kind === 'scalar' ? node : word;
            yield {
              message: `the ${key} of ${service.name} holds a ${value.what}, given away by ${by}`,
              at: { start: at.start, end: at.end },
              context: serviceContext(service, `${key} ${by}`),
              secret: textToMask(value),
              severity: value.severity === 'critical' ? 'high' : value.severity,
            };
          }
        }
      }
    }
  },
};

/** A command in list form; a first word that is an option belongs to the image's entry point, whose name is not known. */
function wordsAsCommand(list: { text: string; start: number; end: number }[]): Command {
  const words = list.map(({ text, start, end }) => ({ text, start, end, dynamic: false, substitutions: [] }));
  const first = words[0];
  if (first?.text.startsWith('-')) words.unshift({ ...first, text: 'entrypoint' });
  return {
    words,
    assignments: [],
    redirects: [],
    nested: false,
    start: first?.start ?? 0,
    end: words.at(-1)?.end ?? 0,
  };
}
