import type { Pair } from '../dockerfile/model.ts';
import type { DockerfileRule, RuleHit } from '../rule.ts';
import {
  isSecretName,
  judgeSecretValue,
  knownToken,
  type SecretValue,
  textToMask,
  urlPassword,
} from '../secrets.ts';
import { define } from './define.ts';

export const secretInEnv: DockerfileRule = {
  kind: 'dockerfile',
  rule: define({
    id: 'DL3064',
    name: 'secret-in-env-or-arg',
    summary: 'A secret is given by ENV or ARG',
    why: 'Values of ENV and ARG stay in the image: everyone who can pull it reads them with `docker history` or `docker inspect`, also when a later instruction takes them back.',
    help: 'Mount the secret while it is needed: `RUN --mount=type=secret,id=token …`, and hand secrets to the running container from outside. A secret that was committed has to be replaced.',
    severity: 'medium',
    tags: ['secret', 'CWE-798', 'CWE-312', 'CIS-Docker-4.10'],
  }),
  *check(file): Iterable<RuleHit> {
    for (const { keyword, pairs, stage } of file.instructions) {
      if (keyword !== 'ENV' && keyword !== 'ARG') continue;
      for (const pair of pairs) {
        const found = keyword === 'ARG' ? judgeArg(pair) : judgeEnv(pair);
        if (found === null) continue;
        yield {
          message: `${keyword} ${pair.name.slice(0, 80)} ${found.says}`,
          at: pair,
          context: `${keyword} ${pair.name} ${stage?.name ?? ''}`,
          severity: found.severity,
          secret: found.secret,
        };
      }
    }
  },
};

interface Judged {
  says: string;
  severity: SecretValue['severity'];
  secret?: string | undefined;
}

function judged(verb: string, value: SecretValue): Judged {
  return { says: `${verb} a ${value.what}`, severity: value.severity, secret: textToMask(value) };
}

/** A value that is a secret whatever its name. */
function judgeAny(pair: Pair): Judged | null {
  const text = pair.value?.text ?? '';
  const token = knownToken(text);
  if (token !== null) return judged('holds', token);
  const url = urlPassword(text);
  return url === null ? null : judged('holds', url);
}

function judgeArg(pair: Pair): Judged | null {
  const any = judgeAny(pair);
  if (any !== null || !isSecretName(pair.name)) return any;
  const value = pair.value === null ? null : judgeSecretValue(pair.value.expanded.value);
  if (value !== null && value.kind !== 'placeholder')
    return judged('is named as a secret and has as its default', value);
  if (pair.value !== null && /^\/|^(?:true|false|[0-9]{1,3})$/u.test(pair.value.text)) return null;
  return {
    says: 'is named as a secret: what is given with --build-arg stays in the history of the image',
    severity: 'low',
  };
}

function judgeEnv(pair: Pair): Judged | null {
  const any = judgeAny(pair);
  if (any !== null || !isSecretName(pair.name) || pair.value === null) return any;
  const { text, expanded } = pair.value;
  if (text.includes('$')) {
    const value = judgeSecretValue(expanded.value);
    if (value !== null && value.kind !== 'placeholder') return judged('is named as a secret and has', value);
    return {
      says: 'is named as a secret and keeps a value given to the build in the image',
      severity: 'low',
    };
  }
  const value = judgeSecretValue(text);
  if (value === null || /^(?:true|false|[0-9]{1,3})$/iu.test(text)) return null;
  return judged('is named as a secret and has', value);
}
