import type { Problem } from '../../model/error.ts';
import { maskContext } from '../../model/fingerprint.ts';
import type { Hit } from '../engine.ts';
import type { BuildFacts } from './builds.ts';
import type { ComposeFile } from './compose/model.ts';
import type { Dockerfile } from './dockerfile/model.ts';
import type { ConfigurationOptions } from './options.ts';
import type { ConfigurationRule, DockerfileContext, RunCommand } from './rule.ts';
import { configurationRules } from './rules/index.ts';
import { shippedStages } from './runs-as.ts';
import { maskUrls } from './secrets.ts';
import { invocations } from './shell/commands.ts';
import { type Allow, allowsOfCompose, allowsOfDockerfile, applyAllows, type RuledHit } from './suppress.ts';
import type { SourceText } from './text.ts';
import type { TreeFacts } from './tree-facts.ts';

interface FileResult {
  hits: Hit[];
  problems: Problem[];
}

/** What one rule or file may give before the rest is cut, with a problem that says so. */
const MAX_HITS = 2000;
const MAX_SECRETS = 200;

/** Names of the rules (and their ids, lower case) to their ids. */
const ruleNames: ReadonlyMap<string, string> = new Map(
  configurationRules.flatMap(({ rule }) => [
    [rule.id.toLowerCase(), rule.id],
    [(rule.name ?? rule.id).toLowerCase(), rule.id],
  ]),
);

/** Runs the rules over a Dockerfile. */
export function checkDockerfile(
  file: Dockerfile,
  options: ConfigurationOptions,
  tree: TreeFacts,
  build: BuildFacts | undefined,
): FileResult {
  const commands: RunCommand[] = [];
  for (const instruction of file.instructions) {
    const code = instruction.script;
    if (code === null) continue;
    for (const invocation of invocations(code.script)) commands.push({ instruction, code, invocation });
  }
  const context: DockerfileContext = {
    options,
    tree,
    commands,
    shipped: shippedStages(file, build?.targets ?? new Set()),
    contexts: [...(build?.contexts ?? [])],
  };
  return collect(file.source, allowsOfDockerfile(file), (rule) =>
    rule.kind === 'dockerfile' ? rule.check(file, context) : [],
  );
}

/** Runs the rules over a compose file. */
export function checkCompose(file: ComposeFile, options: ConfigurationOptions, tree: TreeFacts): FileResult {
  return collect(file.source, allowsOfCompose(file), (rule) =>
    rule.kind === 'compose' ? rule.check(file, { options, tree }) : [],
  );
}

function collect(
  source: SourceText,
  allows: Allow[],
  check: (rule: ConfigurationRule) => Iterable<Omit<RuledHit, 'rule' | 'suppressions'>>,
): FileResult {
  const hits: RuledHit[] = [];
  const problems: Problem[] = [];
  const seen = new Set<string>();
  for (const rule of configurationRules) {
    for (const hit of check(rule)) {
      const key = `${rule.rule.id} ${hit.at.start} ${hit.at.end}`;
      if (seen.has(key)) continue;
      seen.add(key);
      hits.push({ ...hit, rule: rule.rule.id, suppressions: [] });
    }
  }
  if (hits.length > MAX_HITS) {
    problems.push({
      code: 'SP-CONFIGURATION-LIMIT',
      message: `more than ${MAX_HITS} findings in one file; the rest is left out`,
      found: String(hits.length),
      place: { path: source.path },
      next: 'leave the file out with stages.configuration.exclude in the policy if it is generated',
    });
  }
  const kept = hits.sort(byPlace).slice(0, MAX_HITS);
  const all = [...kept, ...applyAllows(source, kept, allows, ruleNames).slice(0, MAX_HITS)].sort(byPlace);
  const mask = masker(all);
  return { hits: all.map((hit) => toHit(source, hit, mask)), problems };
}

function byPlace(a: RuledHit, b: RuledHit): number {
  return a.at.start - b.at.start || (a.rule < b.rule ? -1 : a.rule > b.rule ? 1 : a.at.end - b.at.end);
}

/** Masks the secrets that the file's findings are about, and those in URLs, wherever a text repeats them. */
function masker(hits: readonly RuledHit[]): (text: string) => string {
  const secrets = [...new Set(hits.flatMap(({ secret }) => secret ?? []))].slice(0, MAX_SECRETS);
  return (text) => maskUrls(secrets.reduce((masked, secret) => masked.replaceAll(secret, '*'), text));
}

function toHit(
  source: SourceText,
  { at, more, context, fix, ...hit }: RuledHit,
  mask: (text: string) => string,
): Hit {
  return {
    rule: hit.rule,
    message: mask(hit.message),
    places: [source.place(at), ...(more ?? []).slice(0, 20).map((span) => source.place(span))],
    context: maskContext(mask(context)),
    ...(hit.severity === undefined ? {} : { severity: hit.severity }),
    ...(hit.help === undefined ? {} : { help: hit.help }),
    ...(fix === undefined
      ? {}
      : {
          fix: {
            description: fix.description,
            safe: fix.safe,
            edits: fix.edits.map(({ at: span, text }) => ({ place: source.place(span), text })),
          },
        }),
    ...(hit.suppressions.length === 0 ? {} : { suppressions: hit.suppressions }),
  };
}
