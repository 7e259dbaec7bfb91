/** The stages of a scan, as users name them (docs/reference/stages.md). */
export const stages = [
  'secrets',
  'code',
  'dependencies',
  'workflows',
  'configuration',
  'image',
  'web',
] as const;
export type Stage = (typeof stages)[number];

/** What the gate itself finds (a waiver that expired, evidence planted in the tree) has this stage. */
export const GATE_STAGE = 'gate';
export type FindingStage = Stage | typeof GATE_STAGE;
