import type { Bom } from '../model/component.ts';
import type { Problem } from '../model/error.ts';
import type { Finding, Rule } from '../model/finding.ts';
import type { EngineInfo, Looked } from '../model/report.ts';
import type { Stage } from '../model/stage.ts';
import type { ToolEnvironment } from '../platform/process.ts';
import type { SourceTree } from '../platform/tree.ts';
import type { Direction } from './options.ts';

/** A finding as a rule states it; the frame adds stage, engine and fingerprint. */
export interface Hit
  extends Pick<Finding, 'rule' | 'message' | 'places'>,
    Partial<
      Pick<
        Finding,
        | 'severity'
        | 'score'
        | 'help'
        | 'fix'
        | 'suppressions'
        | 'component'
        | 'advisory'
        | 'tags'
        | 'verification'
      >
    > {
  /**
   * The text that identifies the finding in its file, with secrets masked; not the line number. Takes part in the
   * fingerprint. For example the instruction it is about.
   */
  context: string;
}

export interface EngineInput<Options> {
  tree: SourceTree;
  options: Options;
  /** True for paths that the policy leaves out. */
  excluded(path: string): boolean;
  /** For an engine that runs git itself: where programs are found. */
  tools?: ToolEnvironment | undefined;
  /** The folder of the advisory database, where the caller has one. */
  advisories?: string | undefined;
  /** What a build wrote about its dependencies: the file as it was handed in, and the path that says which module it is of. */
  builds?: readonly { path: string; file: string; sha256: string }[] | undefined;
  /** What the engines of one thread leave for each other: what one has read, the next need not read again. */
  shared?: Map<string, unknown> | undefined;
}

export interface EngineOutput {
  hits: Hit[];
  looked: Looked;
  problems: Problem[];
  bom?: Bom | undefined;
  /** What comes over a thread's border in the place of `bom`: the document that it is kept as, in pieces. */
  document?: Uint8Array<ArrayBuffer>[] | undefined;
  /** Where its data come from and how old they are. */
  data?: EngineInfo['data'];
  /** Why it did not look, where it was not asked to: the state is then `nothing-scanned`. */
  idle?: Problem | undefined;
}

/** The change that a gate judges: from where it left, to the tip that it is to be merged into. Full commit ids. */
export interface Change {
  mergeBase: string;
  revision: string;
}

/**
 * An engine of our own: a pure function over a tree, run in a worker with a deadline (embedded.ts). Those of one stage
 * share a thread.
 */
export interface EmbeddedEngine<Options = unknown> {
  name: string;
  stage: Stage;
  summary: string;
  rules: readonly Rule[];
  /** Whether a file is of this engine's kind: what decides between `clean` and `nothing-scanned`. */
  wants(path: string): boolean;
  /** It looks at nothing but files that it wants: where there is none, no thread is started for it. */
  byName?: boolean;
  /** The options that a policy may set for it, and which way they can be tightened. */
  directions: Readonly<Record<string, Direction>>;
  /** Reads those of the stage's options that are its own. Throws a SallyportError for a value that it does not understand. */
  parseOptions(value: Readonly<Record<string, unknown>>): Promise<Options>;
  /**
   * Options that follow from the change that is judged, on its two sides, over those of the policy. An engine that
   * looks at more than the tree (at history, at rule files of the repository) says here what of it counts.
   */
  optionsFor?(
    policy: Readonly<Record<string, unknown>>,
    change: Change,
    side: 'head' | 'base',
  ): Record<string, unknown>;
  /** Loads what nearly every run needs, in a thread that has time for it. */
  prepare?(): Promise<unknown>;
  run(input: EngineInput<Options>): Promise<EngineOutput>;
}
