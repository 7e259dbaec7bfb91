import { isObject, type Json, textOf } from '../json/values.ts';

const MAX_MESSAGE = 8192;
const PLACEHOLDER = /\{\{|\}\}|\{([0-9]{1,4})\}/gu;
/** An embedded link (SARIF 2.1.0, section 3.11.6) or a Markdown one: text without brackets, then a target. */
const LINK = /\[([^[\]\\]*)\]\(([^()\s]*)\)/gu;

/** Where messages that are named by id are looked up: the rule's own first, then the tool's. */
export interface MessageSources {
  rule: Json | undefined;
  driver: Json;
}

/**
 * The plain text of a SARIF message: by text, by id with its arguments, or from Markdown. Links to related
 * locations keep their words only. Undefined where there is nothing to show.
 */
export function readMessage(message: unknown, sources: MessageSources): string | undefined {
  if (typeof message === 'string') return clip(message);
  if (!isObject(message)) return undefined;
  const template = textOf(message.text) ?? byId(message.id, sources);
  if (template !== undefined) return clip(withoutLinks(withArguments(template, message.arguments)));
  const markdown = textOf(message.markdown);
  return markdown === undefined ? undefined : clip(plain(withArguments(markdown, message.arguments)));
}

/** The text of a multiformatMessageString, from its Markdown where it has nothing else. */
export function readText(value: unknown): string | undefined {
  if (!isObject(value)) return undefined;
  const markdown = textOf(value.markdown);
  return textOf(value.text) ?? (markdown === undefined ? undefined : plain(markdown));
}

function byId(id: unknown, { rule, driver }: MessageSources): string | undefined {
  if (typeof id !== 'string') return undefined;
  for (const strings of [rule?.messageStrings, driver.globalMessageStrings]) {
    if (isObject(strings) && Object.hasOwn(strings, id)) return readText(strings[id]);
  }
  return undefined;
}

function withArguments(template: string, values: unknown): string {
  if (!Array.isArray(values) || values.length === 0) return template;
  return template.replace(PLACEHOLDER, (found, index: string | undefined) => {
    if (index === undefined) return found[0] ?? '';
    const value: unknown = values[Number(index)];
    return typeof value === 'string' ? value : found;
  });
}

function withoutLinks(text: string): string {
  if (!text.includes('](')) return text;
  return text.replace(LINK, (_, words: string, target: string) =>
    /^[0-9]+$/u.test(target) || words === target || target === '' ? words : `${words} (${target})`,
  );
}

/** Markdown without its marks: good enough to read on one line, and never to be rendered again. */
function plain(markdown: string): string {
  return withoutLinks(markdown)
    .replace(/^#{1,6} +/gmu, '')
    .replace(/\*\*|__|`/gu, '');
}

function clip(text: string): string {
  return text.length > MAX_MESSAGE ? `${text.slice(0, MAX_MESSAGE)}…` : text;
}
