import type { DockerfileRule } from '../rule.ts';
import { isSecretName, judgeSecretValue, knownToken, textToMask, urlPassword } from '../secrets.ts';
import { define } from './define.ts';

export const secretInLabel: DockerfileRule = {
  kind: 'dockerfile',
  rule: define({
    id: 'SPD106',
    name: 'secret-in-label',
    summary: 'A secret stands in a LABEL',
    why: 'Labels are shown by every registry and every tool to everyone who can see the image.',
    help: 'Remove the label and replace the secret: it has been published with the repository.',
    severity: 'high',
    tags: ['secret', 'CWE-798', 'CWE-312', 'CIS-Docker-4.10'],
  }),
  *check(file) {
    for (const { keyword, pairs } of file.instructions) {
      if (keyword !== 'LABEL') continue;
      for (const pair of pairs) {
        const text = pair.value?.text ?? '';
        const value =
          knownToken(text) ?? urlPassword(text) ?? (isSecretName(pair.name) ? judgeSecretValue(text) : null);
        if (value === null || value.kind === 'placeholder') continue;
        yield {
          message: `LABEL ${pair.name.slice(0, 80)} holds a ${value.what}`,
          at: pair,
          context: `LABEL ${pair.name}`,
          severity: value.severity,
          secret: textToMask(value),
        };
      }
    }
  },
};
