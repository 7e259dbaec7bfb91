import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEPLOYMENT_TOOLS, Deployments, REFUSED, type Word } from './sigstore/deployments.ts';
import { run } from './support.ts';
import { lacks, tool } from './tools.ts';

/** What Kyverno's own command line says of the rendered policy and a pod, beside what `verify` says of its image. */
// It comes as source alone: it is looked at wherever somebody has built it, in CI too.
describe.skipIf(tool('kyverno') === null || lacks(...DEPLOYMENT_TOOLS))('Kyverno’s own command line', () => {
  const made = new Deployments();
  let mirror = '';

  beforeAll(async () => {
    await made.start({ logless: false });
    writeFileSync(made.file('tuf-root.json'), made.tufRepository());
    mirror = await made.serve('tuf');
  });

  afterAll(() => made.stop());

  function judged(subject: string, spec: object): { kyverno: Word; verify: Word; said: string } {
    const policy = made.render(
      ...(['kyverno', subject, '--trusted-root', 'root.json'] as const),
      ...['--tuf-mirror', mirror, '--tuf-root', 'tuf-root.json'],
    );
    writeFileSync(made.file('policy.yml'), policy);
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'payments', namespace: 'default' }, spec };
    writeFileSync(made.file('pod.json'), JSON.stringify(pod));
    const { code, stdout, stderr } = run(
      tool('kyverno') ?? 'kyverno',
      ['apply', 'policy.yml', '--resource', 'pod.json', '--registry', '--remove-color', '-v', '6'],
      { cwd: made.folder, env: { ...made.env, TUF_ROOT: made.file('kyverno-tuf') } },
    );
    const counted = /^pass: (\d+), fail: (\d+), warn: 0, error: 0, skip: 0/mu.exec(stdout);
    expect(counted, stdout + stderr).not.toBeNull();
    const own = made.verify(subject);
    return {
      kyverno: code === 0 && counted?.[1] === '1' && counted[2] === '0' ? 'admitted' : 'refused',
      verify: own.word,
      said: stdout + stderr + own.said,
    };
  }

  const one = (image: string) => ({ containers: [{ name: 'main', image }] });

  it('admits what verify admits', () => {
    const subject = made.image();
    made.summarize(subject);
    const { kyverno, verify, said } = judged(subject, one(subject));
    expect({ kyverno, verify }, said).toEqual({ kyverno: 'admitted', verify: 'admitted' });
  });

  it.each(REFUSED)('refuses what verify refuses: %s', (_name, change, claims) => {
    const subject = made.image();
    made.summarize(subject, change, claims);
    const { kyverno, verify, said } = judged(subject, one(subject));
    expect({ kyverno, verify }, said).toEqual({ kyverno: 'refused', verify: 'refused' });
  });

  it('refuses what nobody signed', () => {
    const subject = made.image();
    const { kyverno, verify, said } = judged(subject, one(subject));
    expect({ kyverno, verify }, said).toEqual({ kyverno: 'refused', verify: 'refused' });
  });

  it.each(['initContainers', 'ephemeralContainers'])('refuses it among the %s too', (list) => {
    const [good, bad] = [made.image(), made.image()];
    made.summarize(good);
    const { kyverno, said } = judged(good, { ...one(good), [list]: [{ name: 'other', image: bad }] });
    expect(kyverno, said).toBe('refused');
  });
});
