import type { Problem } from '../../../model/error.ts';
import type { ImageReference } from '../image.ts';
import type { Script } from '../shell/model.ts';
import type { LogicalText, SourceText, Span } from '../text.ts';
import type { DockerComment } from './split.ts';
import type { Expanded } from './variables.ts';

/** A word of an instruction's arguments, in source offsets. */
export interface Argument extends Span {
  /** As it stands, quotes included. */
  raw: string;
  /** Quotes removed. */
  text: string;
  /** With the variables put in that are known at this point. */
  expanded: Expanded;
}

export interface Flag extends Span {
  /** Lower case, without `--`. */
  name: string;
  value: string | null;
  expanded: Expanded;
}

/** `NAME=value` of ENV, LABEL or ARG. */
export interface Pair extends Span {
  name: string;
  /** Null for an ARG without a default. */
  value: Argument | null;
}

export interface Instruction extends Span {
  keyword: string;
  keywordSpan: Span;
  startLine: number;
  endLine: number;
  /** Given as `ONBUILD keyword …`: runs in images that are built from this one. */
  onbuild: boolean;
  flags: Flag[];
  /** What follows the flags, with bodies of heredocs. */
  rest: LogicalText;
  /** Words of the instruction's own line (the elements, where it is in JSON form). */
  args: Argument[];
  /** Written as a JSON array. */
  json: boolean;
  pairs: Pair[];
  stage: Stage | null;
  /** RUN only: what it runs, and how its offsets map to the source. */
  script: ShellCode | null;
}

/** Shell code of an instruction. */
export interface ShellCode {
  script: Script;
  /** Source range of a range of the script. */
  span(range: Span): Span;
  /** The shell that runs it: `sh`, `bash`, `powershell`, `cmd`; `exec` where none does. */
  shell: string;
  /** The shell was started with `pipefail`. */
  pipefail: boolean;
}

/** What a stage is built from. */
export interface Base extends Span {
  /** As written. */
  raw: string;
  expanded: Expanded;
  /** Null for `scratch`, another stage, or what cannot be known here. */
  image: ImageReference | null;
  kind: 'image' | 'stage' | 'scratch' | 'unknown';
  /** ARG instructions whose defaults took part. */
  from: Instruction[];
}

export interface Stage {
  index: number;
  name: string | null;
  instruction: Instruction;
  base: Base;
  /** The stage that it continues. */
  parent: Stage | null;
  instructions: Instruction[];
}

/** Another image that files are taken from: `COPY --from=image`, `RUN --mount=from=image`. */
interface ExtraImage extends Base {
  instruction: Instruction;
}

export interface Dockerfile {
  source: SourceText;
  syntax: string | null;
  escapeCharacter: string;
  comments: DockerComment[];
  /** All of them in order, ONBUILD unwrapped. */
  instructions: Instruction[];
  stages: Stage[];
  extraImages: ExtraImage[];
  problems: Problem[];
}

/** A stage and the stages that it continues, nearest first. */
export function lineage(stage: Stage): Stage[] {
  const stages: Stage[] = [];
  for (let at: Stage | null = stage; at !== null && stages.length < 1000; at = at.parent) stages.push(at);
  return stages;
}
