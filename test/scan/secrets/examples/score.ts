import { inspectItem } from '../../../../src/scan/secrets/inspect/item.ts';
import { ownScan } from './check-pack.ts';
import { formatCount, type Labelled, negatives, positives } from './labelled.ts';

export interface Score {
  formats: number;
  positives: number;
  found: number;
  recall: number;
  negatives: number;
  falseAlarms: number;
  falseAlarmShare: number;
  missed: Labelled[];
  wrong: (Labelled & { rules: string[] })[];
}

/** Recall and false alarms of our pack on the labelled set. */
export function score(rounds: number, lookalikes: number, seed: number): Score {
  const scan = ownScan();
  const rulesOf = ({ path, text }: Labelled) =>
    inspectItem(scan, { path, commit: '', firstLine: 1, tags: [] }, Buffer.from(text)).findings.map(
      ({ rule }) => scan.compiled.rules[rule]?.rule.id ?? '',
    );
  const good = positives(rounds, seed);
  const bad = negatives(lookalikes, seed + 1);
  const missed = good.filter((item) => rulesOf(item).length === 0);
  const wrong = bad
    .map((item) => ({ ...item, rules: rulesOf(item) }))
    .filter(({ rules }) => rules.length > 0);
  return {
    formats: formatCount,
    positives: good.length,
    found: good.length - missed.length,
    recall: (good.length - missed.length) / good.length,
    negatives: bad.length,
    falseAlarms: wrong.length,
    falseAlarmShare: wrong.length / bad.length,
    missed,
    wrong,
  };
}
