import { describe, expect, it } from 'vitest';
import { scan } from './memory-tree.ts';

/** `rule` or, where somebody asked to let it pass, `rule: reason`. */
async function told(content: string, path = 'Dockerfile'): Promise<string[]> {
  const { hits } = await scan({ [path]: content });
  return hits.map(({ rule, suppressions }) =>
    suppressions === undefined ? rule : `${rule}: ${suppressions.map((s) => s.justification).join('; ')}`,
  );
}

const P = `FROM a:1@sha256:${'a'.repeat(64)}\nUSER x\n`;

describe('allow-comments', () => {
  it('mark the finding of the instruction below, and drop nothing', async () => {
    const { hits } = await scan({
      Dockerfile: `${P}# sallyport:allow SPD117 - it is an SSH server\nEXPOSE 22\nEXPOSE 22\n`,
    });
    const ssh = hits.filter(({ rule }) => rule === 'SPD117');
    expect(ssh.map(({ suppressions }) => suppressions)).toEqual([
      [
        {
          kind: 'inSource',
          justification: 'it is an SSH server',
          place: { path: 'Dockerfile', line: 3, column: 1, endLine: 3, endColumn: 47 },
        },
      ],
      undefined,
    ]);
  });

  it('may stand inside the instruction, name several rules, and use names', async () => {
    const file = `${P}RUN apt-get update && \\\n  # sallyport:allow apt-unversioned,DL3004 the mirror has one version\n  sudo apt-get install x\n`;
    expect(await told(file)).toEqual([
      'DL3004: the mirror has one version',
      'DL3008: the mirror has one version',
    ]);
  });

  it('need a reason', async () => {
    expect(await told(`${P}# sallyport:allow SPD117\nEXPOSE 22\n`)).toEqual(
      ['SPX001', 'SPD117', 'SPD116'].sort(
        (a, b) => ['SPX001', 'SPD116', 'SPD117'].indexOf(a) - ['SPX001', 'SPD116', 'SPD117'].indexOf(b),
      ),
    );
  });

  it('do not cover what they do not name, nor themselves', async () => {
    expect(await told(`${P}# sallyport:allow DL3008 a reason\nEXPOSE 22\nHEALTHCHECK NONE\n`)).toEqual([
      'SPX002',
      'SPD117',
    ]);
    expect(await told(`${P}# sallyport:allow SPX001 a reason\nRUN x\n`)).toEqual(['SPX002']);
  });

  it('are removed by a safe fix when they cover nothing', async () => {
    const { hits } = await scan({ Dockerfile: `${P}# sallyport:allow DL3008 a reason\nRUN x\n` });
    expect(hits[0]?.fix).toEqual({
      description: 'Remove the comment',
      safe: true,
      edits: [{ place: { path: 'Dockerfile', line: 3, column: 1, endLine: 4, endColumn: 1 }, text: '' }],
    });
  });

  it('are no comments in a heredoc or a string', async () => {
    expect(await told(`${P}RUN <<EOF\n# sallyport:allow DL3008 a reason\napt-get install x\nEOF\n`)).toEqual([
      'DL3008',
    ]);
  });

  it('cover their line or the next in a compose file', async () => {
    const file = `services:\n  a:\n    image: x:1@sha256:${'a'.repeat(64)}\n    read_only: true\n    security_opt: ["no-new-privileges:true"]\n    pid: host # sallyport:allow SPC108 it is a profiler\n    # sallyport:allow SPC105 for the same reason\n    # another comment\n    privileged: true\n    command: "# sallyport:allow SPC105 no comment"\n`;
    expect(await told(file, 'compose.yml')).toEqual([
      'SPC108: it is a profiler',
      'SPC105: for the same reason',
    ]);
  });
});

describe("hadolint's pragmas", () => {
  it('cover the next line, a stage, or the file, with the reason if there is one', async () => {
    const bare = 'hadolint ignore comment without a reason';
    expect(
      await told(`${P}# hadolint ignore=DL3008,DL3004 # the mirror\nRUN sudo apt-get install x\n`),
    ).toEqual(['DL3004: the mirror', 'DL3008: the mirror']);
    expect(await told(`# hadolint global ignore=DL3008\n${P}RUN apt-get install x\n`)).toEqual([
      `DL3008: ${bare}`,
    ]);
    expect(
      await told(
        `# hadolint stage ignore=DL3008\nFROM scratch AS a\nRUN apt-get install x\n${P}RUN apt-get install x\n`,
      ),
    ).toEqual([`DL3008: ${bare}`, 'DL3008']);
  });

  it('cover nothing further away, nor rules that hadolint does not have', async () => {
    expect(await told(`${P}# hadolint ignore=DL3008\n# more\nRUN apt-get install x\n`)).toEqual(['DL3008']);
    expect(await told(`${P}# hadolint ignore=SPD117\nEXPOSE 22\nHEALTHCHECK NONE\n`)).toEqual(['SPD117']);
  });
});
