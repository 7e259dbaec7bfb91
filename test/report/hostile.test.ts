import { describe, expect, it } from 'vitest';
import type { Decision } from '../../src/model/decision.ts';
import type { Rule } from '../../src/model/finding.ts';
import { renderAnnotations } from '../../src/report/annotations.ts';
import { readReportDocument } from '../../src/report/document.ts';
import { reportFormats } from '../../src/report/formats.ts';
import { makeReport, type Report } from '../../src/report/report.ts';
import { decision, finding, judged, stage, violation } from './sample.ts';

const hostile: [string, string][] = [
  ['newlines', 'a\nb\r\nc\u2028d\u2029e\u0085f'],
  ['a forged row', 'x |\n| ❌ | forged | row |'],
  ['pipes and backslashes', 'a | b \\| c \\\\| d'],
  ['ANSI', '\u001b[2J\u001b[31mred\u001b[0m \u001b]8;;https://evil.test\u0007link\u001b]8;;\u0007'],
  ['C1 controls', '\u009b31mred\u009d0;title\u009c'],
  ['carriage return and backspace', 'good\rbad\b\b\bworse\u007f'],
  ['bidi', 'if (\u202e user \u2066 admin\u2069 \u202c) \u200f\u061c'],
  ['invisible', 'a\u200bb\u2060c\ufeffd\u00ade\u{e0041}\u{e0042}f\u3164g\u034fh'],
  ['lone surrogates', 'a\ud800b\udc00c'],
  ['noncharacters', 'a\ufffeb\uffffc\u0000d'],
  ['a script', '<script>alert(1)</script><img src=x onerror=alert(1)>'],
  ['attributes', `"><svg onload=alert(1)> ' onmouseover='x' \` style=x`],
  ['entities', '&lt;script&gt; &#60;b&#62; &amp;amp;'],
  ['comments and CDATA', '<!-- --> ]]> <![CDATA[ x ]]> --><style>*{display:none}</style>'],
  ['Markdown', '**bold** _it_ ~~s~~ `code` ``` # head > quote'],
  [
    'Markdown links',
    '[click](https://evil.test) ![img](https://evil.test/x.png) [ref]: https://evil.test <https://evil.test>',
  ],
  ['mentions and references', '@org/team @someone #123 GH-7 org/repo#4 user@evil.test'],
  ['bare links', 'https://evil.test www.evil.test mailto:x@evil.test'],
  ['workflow commands', '::error::forged\n::set-output name=x::y ::stop-commands::t'],
  ['old workflow commands', '##[add-path]/evil ##[error]x ##vso[task.x]'],
  ['command separators', 'a,line=1::warning file=b%0A::error::x'],
  ['a details tag', '</details></td></table><details open>'],
  ['JSON', '"}],"verdict":"passed","x":[{"'],
  ['a prototype', '__proto__'],
  ['a format string', '%s %d {0} ${x} $(id) `id` {{ github.token }} ${{ secrets.X }}'],
];

/** A decision with `text` in every field that can come from a repository, an engine or a policy. */
function full(text: string): Report {
  const say = (name: string): string => `${text} ${name}`;
  const place = { path: `dir/${say('path')}`, line: 3 };
  const broken = violation({
    rule: say('prule'),
    message: say('pmessage'),
    layer: say('layer'),
    controls: [say('control')],
    place,
  });
  const engine = {
    name: say('engine'),
    version: say('version'),
    publisher: say('publisher'),
    how: 'handed-in' as const,
  };
  const about = {
    engine: engine.name,
    rule: say('rule'),
    message: say('message'),
    places: [place],
    component: say('component'),
    tags: [say('tag')],
    fingerprint: say('fp'),
  };
  const of: Decision = decision({
    verdict: 'failed',
    summary: `failed: ${say('summary')}`,
    subject: { name: say('subject'), digest: { gitCommit: say('commit') } },
    policy: {
      uri: say('uri'),
      digest: { sha256: say('digest') },
      layers: [{ name: say('lname'), uri: say('luri'), digest: { sha256: say('ldigest') } }],
    },
    stages: [
      { ...stage('code', 'findings', [engine]), reason: say('reason') },
      {
        ...stage('secrets', 'error', [engine], { outcome: 'error', reason: say('reason2') }),
        runs: [
          {
            engine,
            state: 'error',
            looked: {
              files: 1,
              bytes: 1,
              commits: null,
              rules: 1,
              skipped: [{ path: say('skipped'), reason: say('why'), blocking: true }],
              complete: false,
            },
            findings: 0,
            problems: [],
          },
        ],
      },
    ],
    findings: [
      judged({ violations: [broken], refusedSuppression: say('refused') }, about),
      judged(
        { outcome: 'warned', violations: [broken] },
        { ...about, places: [], fingerprint: say('fp2'), help: say('own help') },
      ),
      judged(
        {
          outcome: 'waived',
          waiver: {
            owner: say('owner'),
            reason: say('wreason'),
            expires: say('expires'),
            place,
            layer: say('wlayer'),
          },
        },
        { ...about, fingerprint: say('fp3'), places: [{ ...place, line: 9 }] },
      ),
      judged(
        { outcome: 'suppressed', suppressedBy: say('by') },
        { ...about, fingerprint: say('fp4'), places: [{ ...place, line: 11 }] },
      ),
    ],
    facts: [{ kind: 'component', name: say('fact'), stage: 'dependencies', place, violation: broken }],
    problems: [
      {
        code: 'SP-X',
        message: say('problem'),
        expected: say('expected'),
        found: say('found'),
        place,
        next: say('next'),
      },
    ],
    notes: [say('note')],
  });
  const rule: Rule = {
    id: about.rule,
    name: say('rname'),
    summary: say('rsummary'),
    why: say('rwhy'),
    help: say('rhelp'),
    helpUri: 'https://example.org/rule',
    severity: 'high',
    tags: [say('rtag')],
  };
  return makeReport(of, [{ engine, rules: [rule] }]);
}

const benign = full('x');
const renderers = new Map(
  await Promise.all(reportFormats.map(async ({ name, load }) => [name, await load()] as const)),
);
const rendered = (name: string, report: Report): string =>
  [...(renderers.get(name)?.(report, {}) ?? [])].join('');

/** No character but a line end moves, hides or turns around others. */
const DANGEROUS =
  /\p{Cc}(?<!\n)|\p{Bidi_Control}|[\u2028\u2029\ufff9-\ufffb\ufffe\uffff]|\p{Surrogate}|\p{Default_Ignorable_Code_Point}(?<!\u200b|\ufe0f)/u;

describe.each(hostile)('%s', (_, text) => {
  const report = full(text);

  it('moves nothing and hides nothing, in any format', () => {
    for (const { name } of reportFormats)
      expect(DANGEROUS.exec(rendered(name, report))?.[0], name).toBeUndefined();
    expect(DANGEROUS.exec([...renderAnnotations(report)].join(''))).toBeNull();
  });

  it('starts no workflow command', () => {
    for (const { name } of reportFormats) {
      for (const line of rendered(name, report).split('\n')) {
        expect(line.trimStart().startsWith('::'), `${name}: ${line}`).toBe(false);
        expect(name === 'markdown' || !line.includes('##['), `${name}: ${line}`).toBe(true);
      }
    }
  });

  it.each(['html', 'svg'])('is no markup: %s', (name) => {
    const tags = (page: string): string[] =>
      (page.match(/<[^>]*>/gu) ?? [])
        .map((tag) => tag.replace(/"[^"]*"/gu, '""'))
        .filter((tag) => !/^<\/?code>$/u.test(tag));
    const plain = (page: string): string => page.replace(/<style>.*?<\/style>/gsu, '');
    const ours = tags(plain(rendered(name, report)));
    expect(
      name === 'svg' ? ours.filter((tag) => !tag.startsWith('<text x="" y="" font-size="">')) : ours,
    ).toEqual(
      name === 'svg'
        ? tags(plain(rendered(name, benign))).filter(
            (tag) => !tag.startsWith('<text x="" y="" font-size="">'),
          )
        : tags(plain(rendered(name, benign))),
    );
  });

  it('is no Markdown', () => {
    // What has a meaning in Markdown, with our own code marks left out.
    const bones = (markdown: string): string =>
      markdown
        .replace(/<\/?code>/gu, '')
        .replace(/&#[0-9]+;/gu, '')
        .replaceAll('@\u200b', '')
        .replace(/[^|`*_~<>[\]{}#@\\\n]/gu, '');
    expect(bones(rendered('markdown', report))).toBe(bones(rendered('markdown', benign)));
    const words = rendered('markdown', report)
      .replaceAll('https://example.org/rule', '')
      .replace(/<code>.*?<\/code>/gu, '');
    expect(words).not.toMatch(/:\/\/|www\.|#[0-9]+(?![0-9;])|gh-[0-9]/iu);
  });

  it('stays data in JSON', () => {
    const bytes = new TextEncoder().encode(rendered('json', report));
    const { decision: read } = readReportDocument(bytes, 'report.json');
    expect(read).toEqual(JSON.parse(JSON.stringify(report.decision)));
    expect(() => JSON.parse(rendered('sarif', report)) as unknown).not.toThrow();
  });

  it('stays inside of its annotation', () => {
    const lines = [...renderAnnotations(report)].join('').split('\n').slice(0, -1);
    expect(lines).toHaveLength(2);
    for (const line of lines) {
      const parts = /^::(error|warning) ([^:]*)::(.*)$/u.exec(line);
      expect(parts, line).not.toBeNull();
      const names = parts?.[2]?.split(',').map((pair) => pair.split('=', 1)[0]);
      expect(
        names?.every((name) => ['file', 'line', 'title'].includes(name ?? '')),
        line,
      ).toBe(true);
    }
  });
});

describe('links of rules', () => {
  it.each([
    'javascript:alert(1)',
    'http://plain.test',
    'https://x.test/" onclick="y',
    'https://x.test/ a',
    'data:text/html,x',
    'https://x.test/<b>',
  ])('are left out: %s', (helpUri) => {
    const rule: Rule = { id: 'DL3002', summary: 's', helpUri, severity: 'high', tags: [] };
    const report = makeReport(decision({ findings: [judged({}, finding())] }), [
      {
        engine: { name: 'sallyport-configuration', version: '1', publisher: 's', how: 'in-process' },
        rules: [rule],
      },
    ]);
    for (const name of ['html', 'markdown', 'table', 'svg']) {
      const out = rendered(name, report);
      expect(out).not.toContain('href="');
      expect(out).not.toContain(helpUri);
    }
  });
});
