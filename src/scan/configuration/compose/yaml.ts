import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type ParsedNode,
  parseDocument,
  type YAMLMap,
} from 'yaml';
import type { Problem } from '../../../model/error.ts';
import type { SourceText, Span } from '../text.ts';

export type YamlNode = YamlMap | YamlSequence | YamlScalar;

export interface YamlScalar extends Span {
  kind: 'scalar';
  /** As text; null for YAML's null. */
  text: string | null;
  /** A literal or folded block (`|`, `>`): its place is the whole block. */
  block: boolean;
}

interface YamlSequence extends Span {
  kind: 'sequence';
  items: YamlNode[];
}

export interface YamlEntry {
  key: string;
  keySpan: Span;
  value: YamlNode;
}

export interface YamlMap extends Span {
  kind: 'map';
  entries: YamlEntry[];
}

/** By name, the anchored nodes with the offset from which the name means them. */
type Anchors = Map<string, { node: Node; from: number }[]>;
type Fail = (message: string, offset: number, expected?: string) => void;

const MAX_NODES = 100_000;
const MAX_DEPTH = 64;
const MAX_OPEN = 2000;
const MAX_ALIASES = 1000;
const MAX_PROBLEMS = 10;

/**
 * The first document of a YAML file with the place of every node, aliases and merge keys (`<<`) resolved. An alias
 * keeps the place of its anchor. Syntax errors, a key that stands twice, and more nodes, levels or aliases than a
 * compose file has are problems; the node is then null.
 */
export function parseYaml(source: SourceText): { node: YamlNode | null; problems: Problem[] } {
  const problems: Problem[] = [];
  const fail: Fail = (message, offset, expected) => {
    if (problems.length >= MAX_PROBLEMS) return;
    problems.push({
      code: 'SP-CONFIGURATION-SYNTAX',
      message,
      expected,
      place: source.place({ start: offset, end: Math.min(offset + 1, source.text.length) }),
      next: 'correct the file, or leave it out with stages.configuration.exclude in the policy',
    });
  };
  const deep = firstTooDeep(source.text);
  if (deep !== -1) {
    fail(`nested more than ${MAX_OPEN} brackets deep`, deep);
    return { node: null, problems };
  }
  const document = parseDocument(source.text, { uniqueKeys: false, logLevel: 'silent', prettyErrors: false });
  for (const error of document.errors) {
    if (error.code === 'MULTIPLE_DOCS') continue;
    fail(`not valid YAML: ${error.message}`, error.pos[0], 'one YAML document');
  }
  if (problems.length > 0 || document.contents === null) return { node: null, problems };
  const anchors = collectAnchors(document.contents);
  const walker = new Walker(anchors, fail);
  const node = walker.node(document.contents, 0);
  return { node: problems.length > 0 ? null : node, problems };
}

/**
 * Where more brackets are open than any file has, or -1. Brackets in texts and comments are counted too: this only
 * keeps the parser, which needs long for endless nesting, from files that are nothing else.
 */
function firstTooDeep(text: string): number {
  let open = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (char === 0x5b || char === 0x7b) {
      if (++open > MAX_OPEN) return at;
    } else if ((char === 0x5d || char === 0x7d) && open > 0) open--;
  }
  return -1;
}

/** Every anchored node with the offset from which its name is valid. */
function collectAnchors(root: Node): Anchors {
  const anchors: Anchors = new Map();
  const stack: unknown[] = [root];
  while (stack.length > 0) {
    const node = stack.pop();
    if (isMap(node)) for (const { key, value } of node.items) stack.push(key, value);
    else if (isSeq(node)) stack.push(...node.items);
    if ((isMap(node) || isSeq(node) || isScalar(node)) && node.anchor !== undefined) {
      const list = anchors.get(node.anchor) ?? [];
      list.push({ node, from: node.range?.[0] ?? 0 });
      anchors.set(node.anchor, list);
    }
  }
  for (const list of anchors.values()) list.sort((a, b) => a.from - b.from);
  return anchors;
}

class Walker {
  readonly #anchors: Anchors;
  readonly #fail: Fail;
  readonly #open = new Set<Node>();
  #nodes = 0;
  #aliases = 0;
  #stopped = false;

  constructor(anchors: Anchors, fail: Fail) {
    this.#anchors = anchors;
    this.#fail = fail;
  }

  #limit(message: string, node: unknown): YamlScalar {
    if (!this.#stopped) this.#fail(message, start(node));
    this.#stopped = true;
    return { kind: 'scalar', text: null, block: false, start: start(node), end: start(node) };
  }

  node(node: unknown, depth: number): YamlNode {
    if (this.#stopped) return { kind: 'scalar', text: null, block: false, start: 0, end: 0 };
    if (++this.#nodes > MAX_NODES) return this.#limit(`more than ${MAX_NODES} nodes, aliases counted`, node);
    if (depth > MAX_DEPTH) return this.#limit(`nested more than ${MAX_DEPTH} levels deep`, node);
    const range = (node as ParsedNode | null)?.range ?? [0, 0, 0];
    const span = { start: range[0], end: range[1] };
    if (isAlias(node)) return this.#alias(node.source, node, depth);
    if (isMap(node)) return this.#map(node, span, depth);
    if (isSeq(node)) {
      return { kind: 'sequence', ...span, items: node.items.map((item) => this.node(item, depth + 1)) };
    }
    if (!isScalar(node)) return { kind: 'scalar', text: null, block: false, ...span };
    const block = node.type === 'BLOCK_LITERAL' || node.type === 'BLOCK_FOLDED';
    const text = node.value === null || node.value === undefined ? null : String(scalarText(node));
    return { kind: 'scalar', text, block, ...span };
  }

  #alias(name: string, node: Node, depth: number): YamlNode {
    if (++this.#aliases > MAX_ALIASES) return this.#limit(`more than ${MAX_ALIASES} aliases`, node);
    const at = start(node);
    const target = this.#anchors.get(name)?.findLast(({ from }) => from < at)?.node;
    if (target === undefined)
      return this.#limit(`the alias *${name.slice(0, 60)} has no anchor before it`, node);
    if (this.#open.has(target)) return this.#limit(`the alias *${name.slice(0, 60)} contains itself`, node);
    this.#open.add(target);
    const resolved = this.node(target, depth + 1);
    this.#open.delete(target);
    return resolved;
  }

  #map(map: YAMLMap, span: Span, depth: number): YamlMap {
    const own = new Map<string, YamlEntry>();
    const merged: YamlEntry[] = [];
    for (const { key, value } of map.items) {
      const keySpan = { start: start(key), end: isScalar(key) ? (key.range?.[1] ?? start(key)) : start(key) };
      const name = isScalar(key) ? String(key.value ?? '') : '';
      if (name === '<<') {
        const source = this.node(value, depth + 1);
        for (const part of source.kind === 'sequence' ? source.items : [source])
          if (part.kind === 'map') merged.push(...part.entries);
        continue;
      }
      if (own.has(name))
        this.#fail(
          `the key ${JSON.stringify(name.slice(0, 60))} stands twice in this mapping`,
          keySpan.start,
        );
      const node = this.node(value, depth + 1);
      // An empty value has no place of its own that says anything: it is found at its key.
      own.set(name, { key: name, keySpan, value: node.end > node.start ? node : { ...node, ...keySpan } });
    }
    for (const entry of merged) if (!own.has(entry.key)) own.set(entry.key, entry);
    return { kind: 'map', ...span, entries: [...own.values()] };
  }
}

function start(node: unknown): number {
  return (node as ParsedNode | null)?.range?.[0] ?? 0;
}

/** Numbers as they are written: a port mapping 22:22 or a mode 0777 must not change its form. */
function scalarText(node: { value: unknown; source?: string | undefined }): unknown {
  return typeof node.value === 'number' && node.source !== undefined ? node.source : node.value;
}

export function entryOf(node: YamlNode | null | undefined, key: string): YamlEntry | null {
  if (node?.kind !== 'map') return null;
  return node.entries.find((entry) => entry.key === key) ?? null;
}

export function textOf(node: YamlNode | null | undefined): string | null {
  return node?.kind === 'scalar' ? node.text : null;
}

/** The scalars of a sequence, or a single scalar as a sequence of one. */
export function scalarsOf(node: YamlNode | null | undefined): YamlScalar[] {
  if (node?.kind === 'scalar') return [node];
  return node?.kind === 'sequence' ? node.items.filter((item) => item.kind === 'scalar') : [];
}
