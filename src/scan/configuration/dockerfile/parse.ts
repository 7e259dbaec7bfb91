import type { Problem } from '../../../model/error.ts';
import { parseImage } from '../image.ts';
import type { SourceText, Span } from '../text.ts';
import { argumentsOf, flagsOf, pairsOf } from './arguments.ts';
import type { Base, Dockerfile, Instruction, Stage } from './model.ts';
import { readShellCode, type ShellSetting, shellSetting } from './run.ts';
import { type RawInstruction, splitDockerfile } from './split.ts';
import { type Expanded, expand } from './variables.ts';

/** Every instruction of the Dockerfile reference; anything else is refused by builders. */
const KEYWORDS = new Set(
  'ADD ARG CMD COPY ENTRYPOINT ENV EXPOSE FROM HEALTHCHECK LABEL MAINTAINER ONBUILD RUN SHELL STOPSIGNAL USER VOLUME WORKDIR'.split(
    ' ',
  ),
);
const PREDEFINED = ['HTTP_PROXY', 'HTTPS_PROXY', 'FTP_PROXY', 'NO_PROXY', 'ALL_PROXY'];
const MAX_ONBUILD = 4;
const MAX_INSTRUCTIONS = 10_000;

type Scope = Map<string, string | null>;

/**
 * The model of a Dockerfile: instructions with exact places, stages and what each is built from, variables put in
 * as the builder would with `given` for the build arguments that have no default. What a builder would refuse, and what is over a limit, is a problem.
 */
export function parseDockerfile(
  source: SourceText,
  given: ReadonlyMap<string, string> = new Map(),
): Dockerfile {
  const split = splitDockerfile(source);
  const file: Dockerfile = {
    source,
    syntax: split.syntax,
    escapeCharacter: split.escape,
    comments: split.comments,
    instructions: [],
    stages: [],
    extraImages: [],
    problems: split.problems,
  };
  if (split.instructions.length > MAX_INSTRUCTIONS) {
    file.problems.push(limitProblem(source, split.instructions.length));
    return file;
  }
  new Builder(file, given).build(split.instructions);
  if (file.stages.length === 0 && file.problems.length === 0) {
    file.problems.push({
      code: 'SP-CONFIGURATION-SYNTAX',
      message: `${source.path} has no FROM instruction`,
      expected: 'at least one FROM',
      found:
        split.instructions.length === 0
          ? 'no instruction at all'
          : `${split.instructions.length} instructions`,
      place: { path: source.path },
      next: 'leave the file out with stages.configuration.exclude in the policy if it is no Dockerfile',
    });
  }
  return file;
}

function limitProblem(source: SourceText, found: number): Problem {
  return {
    code: 'SP-CONFIGURATION-LIMIT',
    message: `${source.path} has too many instructions to be looked at`,
    expected: `at most ${MAX_INSTRUCTIONS}`,
    found: String(found),
    place: { path: source.path },
    next: 'split the file, or leave it out with stages.configuration.exclude in the policy',
  };
}

class Builder {
  readonly #file: Dockerfile;
  readonly #given: ReadonlyMap<string, string>;
  readonly #globals: Scope = new Map();
  readonly #argOf = new Map<string, Instruction>();
  readonly #scopes = new Map<Stage, Scope>();
  readonly #shells = new Map<Stage, ShellSetting>();
  readonly #byName = new Map<string, Stage>();
  #stage: Stage | null = null;

  constructor(file: Dockerfile, given: ReadonlyMap<string, string>) {
    this.#file = file;
    this.#given = given;
  }

  build(raws: RawInstruction[]): void {
    for (const raw of raws) {
      const instruction = this.#instruction(raw);
      if (instruction === null) continue;
      this.#file.instructions.push(instruction);
      if (instruction.keyword === 'FROM' && !instruction.onbuild) this.#from(instruction);
      else {
        this.#stage?.instructions.push(instruction);
        if (!instruction.onbuild) this.#remember(instruction);
        this.#images(instruction);
      }
    }
  }

  #lookup = (name: string): string | null | undefined => {
    const scope = this.#stage === null ? this.#globals : this.#scopes.get(this.#stage);
    return scope?.get(name);
  };

  #expand = (text: string): Expanded => expand(text, this.#lookup, this.#file.escapeCharacter);

  #expandGlobal = (text: string): Expanded =>
    expand(text, (name) => this.#globals.get(name), this.#file.escapeCharacter);

  #instruction(raw: RawInstruction): Instruction | null {
    let { keyword, rest } = raw;
    let line = rest.text.slice(0, raw.lineLength);
    let onbuild = false;
    for (let depth = 0; keyword === 'ONBUILD' && depth < MAX_ONBUILD; depth++) {
      const inner = /^(\S+)\s*/u.exec(line);
      if (inner === null) break;
      onbuild = true;
      keyword = (inner[1] ?? '').toUpperCase();
      rest = rest.from(inner[0].length);
      line = line.slice(inner[0].length);
    }
    if (!KEYWORDS.has(keyword) || keyword === 'ONBUILD') {
      this.#unknown(raw, keyword);
      return null;
    }
    const expandHere = keyword === 'FROM' ? this.#expandGlobal : this.#expand;
    const { flags, length } = flagsOf(keyword, line, rest, expandHere);
    rest = rest.from(length);
    line = line.slice(length);
    const { args, json } = argumentsOf(keyword, line, rest, expandHere);
    const instruction: Instruction = {
      keyword,
      keywordSpan: raw.keywordSpan,
      start: raw.start,
      end: raw.end,
      startLine: raw.startLine,
      endLine: raw.endLine,
      onbuild,
      flags,
      rest,
      args,
      json,
      pairs: pairsOf(keyword, args, line, rest, expandHere),
      stage: this.#stage,
      script: null,
    };
    if (keyword === 'RUN') {
      instruction.script = readShellCode(instruction, line.length, this.#shell());
      if (instruction.script?.script.cut === true) this.#file.problems.push(this.#tooDeep(instruction));
    }
    return instruction;
  }

  #shell(): ShellSetting {
    const own = this.#stage === null ? undefined : this.#shells.get(this.#stage);
    return own ?? { shell: this.#file.escapeCharacter === '`' ? 'cmd' : 'sh', pipefail: false };
  }

  #unknown(raw: RawInstruction, keyword: string): void {
    const { source, syntax, problems } = this.#file;
    if (problems.length >= 10) return;
    problems.push({
      code: 'SP-CONFIGURATION-SYNTAX',
      message: `${JSON.stringify(keyword.slice(0, 40))} is no Dockerfile instruction`,
      expected: 'an instruction of the Dockerfile reference',
      found: syntax === null ? 'an unknown word' : `an unknown word; the file asks for the syntax ${syntax}`,
      place: source.place(raw.keywordSpan),
      next: 'correct the file, or leave it out with stages.configuration.exclude in the policy if it is no Dockerfile',
    });
  }

  #tooDeep(instruction: Instruction): Problem {
    return {
      code: 'SP-CONFIGURATION-LIMIT',
      message: 'this RUN is nested too deeply or too long to be read',
      place: this.#file.source.place(instruction),
      next: 'move the commands into a script file',
    };
  }

  #from(instruction: Instruction): void {
    const word = instruction.args[0];
    if (word === undefined) {
      this.#file.problems.push({
        code: 'SP-CONFIGURATION-SYNTAX',
        message: 'FROM names no image',
        expected: 'FROM image [AS name]',
        place: this.#file.source.place(instruction),
        next: 'name the image',
      });
      return;
    }
    const named = instruction.args[1]?.text.toLowerCase() === 'as' ? (instruction.args[2] ?? null) : null;
    const parent = this.#byName.get(word.expanded.value.toLowerCase()) ?? null;
    const stage: Stage = {
      index: this.#file.stages.length,
      name: named?.text.toLowerCase() ?? null,
      instruction,
      base: this.#base(word, word.raw, word.expanded, parent !== null),
      parent,
      instructions: [],
    };
    instruction.stage = stage;
    this.#file.stages.push(stage);
    if (stage.name !== null) this.#byName.set(stage.name, stage);
    this.#scopes.set(stage, new Map(parent === null ? [] : this.#environment(parent)));
    const shell = parent === null ? undefined : this.#shells.get(parent);
    if (shell !== undefined) this.#shells.set(stage, shell);
    else if (/windows|nanoserver|servercore/u.test(stage.base.expanded.value))
      this.#shells.set(stage, { shell: 'cmd', pipefail: false });
    this.#stage = stage;
  }

  /** Only ENV passes from a stage to one that continues it; ARG does not. */
  #environment(stage: Stage): [string, string | null][] {
    const names = new Set<string>();
    for (let at: Stage | null = stage; at !== null; at = at.parent)
      for (const { keyword, pairs, onbuild } of at.instructions)
        if (keyword === 'ENV' && !onbuild) for (const pair of pairs) names.add(pair.name);
    return [...(this.#scopes.get(stage) ?? [])].filter(([name]) => names.has(name));
  }

  #base(span: Span, raw: string, expanded: Expanded, isStage: boolean): Base {
    const { start, end } = span;
    const from = expanded.used.flatMap((name) => this.#argOf.get(name) ?? []);
    const common = { start, end, raw, expanded, from };
    if (isStage) return { ...common, image: null, kind: 'stage' };
    if (expanded.value === 'scratch') return { ...common, image: null, kind: 'scratch' };
    const image = expanded.unknown.length > 0 ? null : parseImage(expanded.value);
    return { ...common, image, kind: image === null ? 'unknown' : 'image' };
  }

  #remember(instruction: Instruction): void {
    const scope = this.#stage === null ? this.#globals : this.#scopes.get(this.#stage);
    if (scope === undefined) return;
    switch (instruction.keyword) {
      case 'ARG':
        for (const { name, value } of instruction.pairs) {
          if (this.#stage === null) this.#argOf.set(name, instruction);
          const global = this.#stage === null ? undefined : this.#globals.get(name);
          const known =
            value === null
              ? (global ?? scope.get(name) ?? this.#given.get(name) ?? null)
              : value.expanded.value;
          if (PREDEFINED.includes(name.toUpperCase()) && known === null) continue;
          scope.set(name, value !== null && value.expanded.unknown.length > 0 ? null : known);
        }
        break;
      case 'ENV':
        for (const { name, value } of instruction.pairs)
          scope.set(name, value === null || value.expanded.unknown.length > 0 ? null : value.expanded.value);
        break;
      case 'SHELL':
        if (this.#stage !== null)
          this.#shells.set(this.#stage, shellSetting(instruction.args.map(({ text }) => text)));
        break;
    }
  }

  /** Images that COPY and RUN take files from. */
  #images(instruction: Instruction): void {
    for (const flag of instruction.flags) {
      let name: string | null = null;
      if (flag.name === 'from') name = flag.value;
      else if (flag.name === 'mount') name = /(?:^|,)from=([^,]+)/u.exec(flag.value ?? '')?.[1] ?? null;
      if (name === null) continue;
      const expanded = this.#expand(name);
      const isStage = this.#byName.has(expanded.value.toLowerCase()) || /^[0-9]+$/u.test(expanded.value);
      if (isStage || expanded.value === 'context') continue;
      const base = this.#base(flag, name, expanded, false);
      if (base.kind !== 'scratch') this.#file.extraImages.push({ ...base, instruction });
    }
  }
}
