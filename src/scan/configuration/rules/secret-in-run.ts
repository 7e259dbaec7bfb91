import type { DockerfileRule, RuleHit } from '../rule.ts';
import { assignmentSecrets, pipedPasswords, type SecretLiteral, secretLiterals } from '../secret-literals.ts';
import { textToMask } from '../secrets.ts';
import { invocation } from '../shell/commands.ts';
import { parseShell } from '../shell/parse.ts';
import type { Span } from '../text.ts';
import { define } from './define.ts';

export const secretInRun: DockerfileRule = {
  kind: 'dockerfile',
  rule: define({
    id: 'SPD107',
    name: 'secret-in-command',
    summary: 'A secret stands literally in a command',
    why: 'The command is kept in the history of the image, and the secret in every clone of the repository.',
    help: 'Mount the secret while it is needed: `RUN --mount=type=secret,id=token curl -H "Authorization: Bearer $(cat /run/secrets/token)" …`. A secret that was committed has to be replaced.',
    severity: 'medium',
    tags: ['secret', 'CWE-798', 'CIS-Docker-4.10'],
  }),
  *check(file, { commands }): Iterable<RuleHit> {
    const seen = new Set<number>();
    const hit = function* (keyword: string, literal: SecretLiteral, at: Span): Iterable<RuleHit> {
      if (seen.has(at.start)) return;
      seen.add(at.start);
      yield {
        message: `${keyword} holds a ${literal.value.what}, given away by ${literal.by}`,
        at,
        context: `${keyword} ${literal.by}`,
        severity: literal.value.severity,
        secret: textToMask(literal.value),
      };
    };
    for (const { invocation: found, code } of commands)
      for (const literal of secretLiterals(found)) yield* hit('RUN', literal, code.span(literal.word));
    for (const { keyword, script: code, args, rest, json } of file.instructions) {
      if (code !== null) {
        for (const literal of [...pipedPasswords(code.script), ...assignmentSecrets(code.script)])
          yield* hit('RUN', literal, code.span(literal.word));
      } else if (keyword === 'CMD' || keyword === 'ENTRYPOINT' || keyword === 'HEALTHCHECK') {
        const words = args.map(({ text, start, end }) => ({
          text,
          start,
          end,
          dynamic: false,
          substitutions: [],
        }));
        const script = json ? null : parseShell(rest.text);
        const list = script?.commands ?? [
          { words, assignments: [], redirects: [], nested: false, start: 0, end: 0 },
        ];
        for (const command of list) {
          const found = invocation(command);
          for (const literal of found === null ? [] : secretLiterals(found)) {
            const { start, end } = literal.word;
            yield* hit(keyword, literal, script === null ? { start, end } : rest.span(start, end));
          }
        }
      }
    }
  },
};
