import type { Rule } from '../../model/finding.ts';
import type { Severity } from '../../model/severity.ts';
import type { ComposeFile } from './compose/model.ts';
import type { Dockerfile, Instruction, ShellCode, Stage } from './dockerfile/model.ts';
import type { ConfigurationOptions } from './options.ts';
import type { Invocation } from './shell/commands.ts';
import type { Span } from './text.ts';
import type { TreeFacts } from './tree-facts.ts';

/** What a rule found, in offsets of the file; the engine makes places and the fingerprint's context of it. */
export interface RuleHit {
  message: string;
  /** The offending part. */
  at: Span;
  /** Further places of the same fact. */
  more?: Span[] | undefined;
  /** What identifies the finding in its file: the command or node it is about. Secret values must not be in it. */
  context: string;
  severity?: Severity | undefined;
  /** A secret that the finding is about: masked in the messages and contexts of all findings of the file. */
  secret?: string | undefined;
  help?: string | undefined;
  fix?: { description: string; safe: boolean; edits: { at: Span; text: string }[] } | undefined;
}

/** A command of a RUN instruction. */
export interface RunCommand {
  instruction: Instruction;
  code: ShellCode;
  invocation: Invocation;
}

export interface DockerfileContext {
  options: ConfigurationOptions;
  tree: TreeFacts;
  commands: readonly RunCommand[];
  /** The last stage, and those that a compose file of the tree builds: the images that leave the build. */
  shipped: readonly Stage[];
  /** Build contexts (folders of the tree, '' for its root) that compose files give for this file. */
  contexts: readonly string[];
}

export interface ComposeContext {
  options: ConfigurationOptions;
  tree: TreeFacts;
}

export interface DockerfileRule {
  kind: 'dockerfile';
  rule: Rule;
  check(file: Dockerfile, context: DockerfileContext): Iterable<RuleHit>;
}

export interface ComposeRule {
  kind: 'compose';
  rule: Rule;
  check(file: ComposeFile, context: ComposeContext): Iterable<RuleHit>;
}

/** A rule about the comments that let findings pass; the engine itself applies it (suppress.ts). */
export interface CommentRule {
  kind: 'comment';
  rule: Rule;
}

export type ConfigurationRule = DockerfileRule | ComposeRule | CommentRule;
