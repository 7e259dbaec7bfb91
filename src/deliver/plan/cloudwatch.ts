import { z } from 'zod';
import { aws } from './aws.ts';
import { duration, text } from './parts.ts';

/** A metric of CloudWatch; its sums are the counts. */
export const cloudWatchMetric = z.strictObject({
  namespace: text(255),
  metric: text(255),
  dimensions: z.record(text(255), text(1024)).default({}),
});
export type CloudWatchMetric = z.output<typeof cloudWatchMetric>;

export const cloudwatch = z
  .strictObject({
    ...aws,
    period: duration
      .prefault('60s')
      .refine(
        (value) => [1_000, 5_000, 10_000, 20_000, 30_000].includes(value) || value % 60_000 === 0,
        'expected 1s, 5s, 10s, 20s, 30s (high-resolution metrics), or a multiple of 60s',
      )
      .meta({ description: 'The length of a bucket; no look is shorter, and `lag` covers one.' }),
  })
  .meta({ description: 'Amazon CloudWatch; selectors are then maps of namespace, metric and dimensions.' });
