import { z } from 'zod';
import { SallyportError } from '../model/error.ts';
import { verifications } from '../model/finding.ts';
import { severities } from '../model/severity.ts';
import type { EngineOutput } from './engine.ts';

const place = z.object({
  path: z.string(),
  line: z.int().min(1).optional(),
  column: z.int().min(1).optional(),
  endLine: z.int().min(1).optional(),
  endColumn: z.int().min(1).optional(),
});
const hit = z.object({
  rule: z.string().min(1),
  message: z.string(),
  places: z.array(place),
  context: z.string(),
  severity: z.enum(severities).optional(),
  score: z.number().nullable().optional(),
  suppressions: z
    .array(z.object({ kind: z.enum(['inSource', 'external']), justification: z.string() }))
    .optional(),
  tags: z.array(z.string()).optional(),
  verification: z.enum(verifications).optional(),
});
const count = z.number().min(0).nullable();
const output = z.object({
  hits: z.array(hit),
  looked: z.object({
    files: count,
    bytes: count,
    commits: count,
    rules: count,
    skipped: z.array(z.object({ path: z.string(), reason: z.string(), blocking: z.boolean() })),
    complete: z.boolean(),
  }),
  problems: z.array(z.object({ code: z.string(), message: z.string() })),
  data: z.object({ source: z.string(), updated: z.string() }).optional(),
  idle: z.object({ code: z.string(), message: z.string() }).optional(),
});

/**
 * Holds what came over a thread's border against its shape: an engine that writes rubbish has failed, whatever its
 * rubbish looks like.
 */
export function checkOutput(value: unknown): EngineOutput {
  const result = output.safeParse(value);
  if (result.success) return value as EngineOutput;
  const issue = result.error.issues[0];
  throw new SallyportError({
    code: 'SP-ENGINE-OUTPUT',
    message: 'the engine answered with something that is no report',
    expected: 'hits, looked and problems',
    found: `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`.slice(0, 300),
  });
}
