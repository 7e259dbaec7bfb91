import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { environmentName, fieldsOf, type InputField } from '../../src/commands/inputs.ts';
import { commands, loadCommand } from '../../src/commands/registry.ts';
import { factFields } from '../../src/policy/facts.ts';
import { embeddedEngines, processEngines } from '../../src/scan/registry.ts';
import type { GeneratedFile } from './index.ts';
import { cell, NOTE, table } from './markdown.ts';

/** docs/reference/: what the code says about itself, in pages. */
export async function generateReference(root: string): Promise<GeneratedFile[]> {
  return [
    { path: 'docs/reference/commands.md', content: await commandPage() },
    { path: 'docs/reference/conditions.md', content: conditionPage() },
    { path: 'docs/reference/engines.md', content: await enginePage() },
    { path: 'docs/reference/rules.md', content: await rulePage() },
    { path: 'docs/reference/errors.md', content: errorPage(root) },
  ];
}

async function commandPage(): Promise<string> {
  const sections: string[] = [];
  for (const name of Object.keys(commands)) {
    const command = await loadCommand(name);
    const fields = fieldsOf(command);
    const outputs = Object.entries(command.outputs);
    sections.push(
      [
        `## sallyport ${name}`,
        command.summary,
        command.description,
        table(
          ['option', 'what it does', 'default', 'environment'],
          fields.map((field) => [usage(field), describe(field), field.fallback ?? '', environment(field)]),
        ),
        ...(command.action === undefined
          ? []
          : [
              `As an action: \`actions/${command.action}\`, with inputs of the same names (without those marked *command line only*).`,
            ]),
        ...(outputs.length === 0
          ? []
          : [
              table(
                ['output', 'what it is'],
                outputs.map(([key, text]) => [`\`${key}\``, cell(text)]),
              ),
            ]),
        ['```sh', ...command.examples.flatMap((example) => [`# ${example.does}`, example.run]), '```'].join(
          '\n',
        ),
      ].join('\n\n'),
    );
  }
  return [
    '# Commands',
    NOTE('src/commands'),
    'Exit codes, everywhere: 0 the policy passed, or the command did its work; 1 the policy said no; 2 no verdict: wrong usage, missing or unreadable input, an engine that failed, evidence that is not there.',
    'Options may stand in the environment on a laptop; in CI the environment is not read, since an earlier step could have written it.',
    ...sections,
    '',
  ].join('\n\n');
}

function usage(field: InputField): string {
  if (field.positional === true) return `\`${field.placeholder ?? field.name}\``;
  const value = field.kind === 'boolean' ? '' : ` ${field.placeholder ?? field.name.toUpperCase()}`;
  return `\`--${field.name}${value}\``;
}

function describe(field: InputField): string {
  const notes = [
    ...(field.kind === 'list' ? ['repeatable'] : []),
    ...(field.choices === undefined
      ? []
      : [`one of ${field.choices.map((choice) => `\`${choice}\``).join(', ')}`]),
    ...(field.required ? ['required'] : []),
    ...(field.only === 'cli' ? ['*command line only*'] : []),
  ];
  return cell(notes.length === 0 ? field.description : `${field.description} (${notes.join('; ')})`);
}

function environment(field: InputField): string {
  return field.environment === false || field.positional === true ? '' : `\`${environmentName(field)}\``;
}

function conditionPage(): string {
  const sections = Object.entries(factFields).map(([subject, fields]) =>
    [
      `## ${subject}`,
      table(
        ['field', 'type', 'what it is'],
        Object.entries(fields).map(([name, field]) => [
          `\`${subject}.${name}\``,
          `\`${field.type}\`${field.nullable ? ' or null' : ''}`,
          cell(field.description),
        ]),
      ),
    ].join('\n\n'),
  );
  return [
    '# Conditions',
    NOTE('src/policy/facts.ts'),
    'A rule’s `condition` is an expression in [CEL](https://cel.dev) over one subject, named by `over`. True is a violation. Every condition is compiled and type-checked before anything runs.',
    'Every field is always there; one that may be null is null where the value is unknown, and comparing null with a number or a text is an error, which is no verdict: ask `finding.score != null && finding.score >= 7.0`.',
    'Beside the operators and functions of CEL there is `atLeast(SEVERITY, SEVERITY)`: `atLeast(finding.severity, "high")` is true for high and critical. Of licences, `allowedLicenses(component.licenses, ["MIT", "BSD-*"])` is true where they can be met with those of the list alone, `deniedLicenses(component.licenses, ["GPL-*"])` where one of the list cannot be avoided; both read SPDX expressions. `matches` takes RE2 patterns and runs in linear time. Comprehensions (`exists`, `all`, `filter`, `map`) can be nested two deep.',
    '`gate` can be read by every condition.',
    ...sections,
    '',
  ].join('\n\n');
}

async function enginePage(): Promise<string> {
  const own = (await embeddedEngines()).map((engine) => [
    `\`${engine.name}\``,
    engine.stage,
    'embedded',
    cell(engine.summary),
    options(engine.directions),
  ]);
  const others = (await processEngines()).map((engine) => [
    `[\`${engine.name}\`](${engine.homepage})`,
    engine.stage,
    'started where it is installed and asked for',
    cell(engine.summary),
    options(engine.directions),
  ]);
  return [
    '# Engines',
    NOTE('src/scan/registry.ts'),
    'Embedded engines need nothing installed and always run in their stage. Others are named in the policy (`stages.STAGE.engines`) or with `--engine`; on a runner they run in jobs of their own and hand their SARIF in (`--sarif STAGE=FILE@sha256:HEX`).',
    table(['engine', 'stage', 'how', 'what it looks at', 'options'], [...own, ...others]),
    'Options stand under `stages.STAGE.options` in the policy. *Shorten*: a later layer of the policy can only shorten the list; *lengthen*: only lengthen it; *fixed*: the first layer that sets it decides.',
    '',
  ].join('\n\n');
}

function options(directions: Readonly<Record<string, string>>): string {
  const words: Record<string, string> = { subset: 'shorten', superset: 'lengthen', fixed: 'fixed' };
  return Object.entries(directions)
    .map(([name, direction]) => `\`${name}\` (${words[direction] ?? direction})`)
    .join(', ');
}

async function rulePage(): Promise<string> {
  const sections = (await embeddedEngines()).map((engine) =>
    [
      `## ${engine.name} (${engine.stage})`,
      ...engine.rules.map((rule) =>
        [
          `### ${rule.id}${rule.name === undefined ? '' : ` ${rule.name}`}`,
          `${rule.summary}. Severity: ${rule.severity}.${rule.tags.length === 0 ? '' : ` ${rule.tags.join(', ')}.`}`,
          ...(rule.why === undefined ? [] : [rule.why]),
          ...(rule.help === undefined ? [] : [`*What to do:* ${rule.help}`]),
          ...(rule.helpUri === undefined ? [] : [`<${rule.helpUri}>`]),
        ].join('\n\n'),
      ),
    ].join('\n\n'),
  );
  return ['# Rules of the embedded engines', NOTE('src/scan'), ...sections, ''].join('\n\n');
}

/** Every code that the sources can say, with the files that say it. */
function errorPage(root: string): string {
  const found = new Map<string, Set<string>>();
  for (const entry of readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })) {
    const path = entry.replaceAll('\\', '/');
    if (!path.endsWith('.ts')) continue;
    for (const [code] of readFileSync(join(root, 'src', path), 'utf8').matchAll(
      /\bSP-[A-Z]+(?:-[A-Z0-9]+)*\b/gu,
    )) {
      found.set(code, (found.get(code) ?? new Set()).add(`src/${path}`));
    }
  }
  return [
    '# Error codes',
    NOTE('src'),
    'An error says its code, what was expected, what was found, where, and what to do next. Codes are stable.',
    table(
      ['code', 'said in'],
      [...found]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([code, files]) => [
          `\`${code}\``,
          [...files]
            .sort()
            .map((f) => `\`${f}\``)
            .join(', '),
        ]),
    ),
    '',
  ].join('\n\n');
}
