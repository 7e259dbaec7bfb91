import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { assemble, type Binding } from '../../../src/gate/release/assemble.ts';
import { parseHandedOver, readHandedOver } from '../../../src/gate/release/handed-over.ts';
import { SallyportError } from '../../../src/model/error.ts';
import { type Stage, stages } from '../../../src/model/stage.ts';
import { finding } from '../../policy/support.ts';
import { outcomeOf, ReleaseWorld, RUN, sha256 } from './world.ts';

/** What a scanner that somebody took over can do from the job that it runs in: its files, its outputs, its name. */
const HOSTILE = 'semgrep';
const theirs = { name: 'semgrep', version: '1', publisher: 'semgrep', how: 'process' as const };
const high = { findings: [finding({ stage: 'secrets' })] };

/** Of `JOB=FILE@sha256:HEX`, the file. */
const fileOf = (handed: string) => handed.slice(handed.indexOf('=') + 1, handed.lastIndexOf('@'));
const as = (job: string, handed: string) => handed.replace(/^[^=]+=/u, `${job}=`);

async function take(world: ReleaseWorld, handed: readonly string[]): Promise<string> {
  const { root } = world.repository;
  const source = { gitCommit: world.commit, gitTree: world.tree };
  const binding: Binding = { root, source, run: { prefix: RUN, attempt: 1 } };
  try {
    const { reports } = assemble(await readHandedOver(parseHandedOver(handed), world.context()), binding);
    return `taken: ${reports.map(({ stage, state }) => `${stage} ${state}`).join(', ')}`;
  } catch (thrown) {
    if (thrown instanceof SallyportError) return thrown.code;
    throw thrown;
  }
}

describe('rule 1: a hostile stage job that forges, swaps and replays evidence under every name', () => {
  const attacks: [string, (world: ReleaseWorld, stage: Stage, victim: string) => string[], string][] = [
    [
      'forges a statement of the other job',
      (world, stage, victim) => world.evidence(stage, { job: HOSTILE, says: `${RUN}1#${victim}` }),
      'SP-EVIDENCE-RUN',
    ],
    [
      'hands the other job’s files over as its own',
      (world, stage, victim) => world.evidence(stage, { job: victim }).map((one) => as(HOSTILE, one)),
      'SP-EVIDENCE-RUN',
    ],
    [
      'puts a statement of its own to the other job’s report',
      (world, stage, victim) => {
        const [report = ''] = world.evidence(stage, { job: victim });
        const [, statement = ''] = world.evidence(stage, { job: HOSTILE, report: { engine: ours(stage) } });
        return [report, statement];
      },
      'SP-EVIDENCE-RUN',
    ],
    [
      'writes over the other job’s report',
      (world, stage, victim) => {
        const handed = world.evidence(stage, { job: victim, report: { findings: [finding({ stage })] } });
        world.evidence(stage, { job: victim });
        return handed;
      },
      'SP-EVIDENCE-DIGEST',
    ],
    [
      'writes over the other job’s statement',
      (world, stage, victim) => {
        const [report = '', statement = ''] = world.evidence(stage, { job: victim });
        const text = readFileSync(fileOf(statement), 'utf8').replace('"PASSED"', '"WARNED"');
        world.write(`${stage}-${victim}.intoto.json`, text);
        return [report, statement];
      },
      'SP-EVIDENCE-DIGEST',
    ],
    [
      'replays what an earlier run said',
      (world, stage, victim) =>
        world.evidence(stage, { job: victim, says: `${RUN.replace('/42/', '/41/')}1#${victim}` }),
      'SP-EVIDENCE-RUN',
    ],
    [
      'replays what another repository’s run said',
      (world, stage, victim) =>
        world.evidence(stage, { job: victim, says: `${RUN.replace('/payments/', '/other/')}1#${victim}` }),
      'SP-EVIDENCE-RUN',
    ],
    [
      'replays what was said of another commit',
      (world, stage, victim) => world.evidence(stage, { job: victim, digest: { gitCommit: 'e'.repeat(40) } }),
      'SP-EVIDENCE-SUBJECT',
    ],
    [
      'says that nothing ran, as a laptop would',
      (world, stage, victim) => world.evidence(stage, { job: victim, says: 'local' }),
      'SP-EVIDENCE-RUN',
    ],
    [
      'speaks of the file of another stage',
      (world, stage, victim) => {
        const other = stages[(stages.indexOf(stage) + 1) % stages.length] ?? 'code';
        const [report = '', statement = ''] = world.evidence(stage, { job: victim });
        const text = readFileSync(fileOf(statement), 'utf8').replace(`"${stage}.sarif"`, `"${other}.sarif"`);
        const path = world.write('renamed.intoto.json', text);
        return [report, `${victim}=${path}@sha256:${sha256(text)}`];
      },
      'SP-SARIF-SHAPE',
    ],
    [
      'reports from the job of ours',
      (world, stage, victim) => [
        ...world.evidence(stage, { job: victim }),
        ...world.evidence(stage, { job: victim, as: 'theirs', report: { engine: theirs } }),
      ],
      'SP-EVIDENCE-JOB',
    ],
  ];
  const ours = (stage: Stage) => ({
    name: `sallyport-${stage}`,
    version: '0.1.0',
    publisher: 'sallyport',
    how: 'in-process' as const,
  });

  it.each(attacks)('%s', async (_name, attack, code) => {
    const world = new ReleaseWorld();
    for (const stage of stages) {
      for (const victim of [stage, 'gate', 'release']) {
        const handed = attack(world, stage, victim);
        expect(await take(world, handed), `${stage} of ${victim}`).toBe(code);
      }
    }
  });

  it('is taken where nobody forged anything', async () => {
    const world = new ReleaseWorld();
    for (const stage of stages)
      expect(await take(world, world.evidence(stage))).toMatch(new RegExp(`^taken: ${stage}`, 'u'));
  });

  it('under its own name adds to what others found, and takes nothing away', async () => {
    const world = new ReleaseWorld();
    const victim = () => world.evidence('secrets', { report: high });
    const rest = () => world.evidence('code');
    const excuse = { kind: 'inSource' as const, justification: 'a test value' };
    const suppressed = {
      engine: ours('secrets'),
      findings: high.findings.map((one) => ({ ...one, suppressions: [excuse] })),
    };
    const milder = {
      engine: ours('secrets'),
      findings: high.findings.map((one) => ({ ...one, severity: 'low' as const })),
    };
    for (const report of [
      { engine: ours('secrets') },
      { engine: ours('secrets'), state: 'nothing-scanned' as const },
      { engine: theirs },
      suppressed,
      milder,
    ]) {
      const forged = world.evidence('secrets', { job: HOSTILE, report });
      const handed = [...forged, ...victim(), ...rest()];
      expect(await outcomeOf(() => world.release({ handed, session: null })), JSON.stringify(report)).toBe(
        'failed',
      );
    }
  });
});
