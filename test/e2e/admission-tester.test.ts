import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEPLOYMENT_TOOLS, Deployments, REFUSED, type Word } from './sigstore/deployments.ts';
import { run } from './support.ts';
import { lacks, tool } from './tools.ts';

/** What the policy controller's own tool says of the rendered policy and an image, beside what `verify` says of both. */
// The tester comes as source alone: it is looked at wherever somebody has built it, in CI too.
describe.skipIf(tool('policy-tester') === null || lacks(...DEPLOYMENT_TOOLS))(
  'the policy controller’s own tester',
  () => {
    const made = new Deployments();

    beforeAll(async () => {
      // The controller’s library knows no tiled log yet.
      await made.start({ logless: true });
      writeFileSync(made.file('trust-root.yml'), trustRoot());
    });

    afterAll(() => made.stop());

    /** The TrustRoot object with a repository (TUF) in it, whose only target is the trusted root. */
    function trustRoot(): string {
      // The tester asks for the target without a name, where the controller asks for `trusted_root.json`.
      const pinned = made.tufRepository('');
      const digest = createHash('sha256').update(made.root()).digest('hex');
      // And Go's path.Base of no name is a dot.
      const targets = made.file('tuf/targets');
      copyFileSync(join(targets, `${digest}.`), join(targets, `${digest}..`));
      execFileSync('mv', [made.file('tuf'), made.file('repository')]);
      execFileSync('tar', ['-C', made.folder, '-czf', made.file('tuf.tgz'), 'repository']);
      return JSON.stringify({
        apiVersion: 'policy.sigstore.dev/v1alpha1',
        kind: 'TrustRoot',
        metadata: { name: 'own' },
        spec: {
          repository: {
            root: Buffer.from(pinned).toString('base64'),
            mirrorFS: readFileSync(made.file('tuf.tgz')).toString('base64'),
            targets: 'targets',
          },
        },
      });
    }

    function judged(subject: string): { controller: Word; verify: Word; said: string } {
      writeFileSync(made.file('cip.yml'), made.render('policy-controller', subject, '--trust-root', 'own'));
      const { code, stdout, stderr } = run(
        tool('policy-tester') ?? 'policy-tester',
        ['-policy', made.file('cip.yml'), '-image', subject, '-trustroot', made.file('trust-root.yml')],
        { cwd: made.folder, env: made.env },
      );
      const own = made.verify(subject);
      return {
        controller: code === 0 ? 'admitted' : 'refused',
        verify: own.word,
        said: stdout + stderr + own.said,
      };
    }

    it('admits what verify admits', () => {
      const subject = made.image();
      made.summarize(subject);
      const { controller, verify, said } = judged(subject);
      expect({ controller, verify }, said).toEqual({ controller: 'admitted', verify: 'admitted' });
    });

    it.each(REFUSED)('refuses what verify refuses: %s', (_name, change, claims) => {
      const subject = made.image();
      made.summarize(subject, change, claims);
      const { controller, verify, said } = judged(subject);
      expect({ controller, verify }, said).toEqual({ controller: 'refused', verify: 'refused' });
    });

    it('refuses what nobody signed', () => {
      const { controller, verify, said } = judged(made.image());
      expect({ controller, verify }, said).toEqual({ controller: 'refused', verify: 'refused' });
    });
  },
);
