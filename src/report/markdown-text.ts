import { exactly, oneLine } from './text.ts';

/** Everything that has a meaning in GitHub-flavoured Markdown or HTML, as character references. */
const SPECIAL = /[&<>"'`*_~|\\[\](){}#!+^$=]/gu;

/**
 * Untrusted text for a place inside a line or a table cell of GitHub's Markdown: nothing in it is markup, HTML, a
 * mention, a reference, or a link. A zero-width space keeps `@name`, `#123` and addresses from being taken for links,
 * which happens after Markdown has been read, so that references alone would not help.
 */
export function markdownText(text: string, limit = 400): string {
  return escaped(oneLine(text, limit))
    .replaceAll('@', '@\u200b')
    .replace(/&#35;(?=[0-9])/gu, '&#35;\u200b')
    .replace(/\b(gh-)(?=[0-9])/giu, '$1\u200b')
    .replaceAll('://', ':\u200b//')
    .replace(/\bwww\./giu, 'www\u200b.')
    .replace(/\b(mailto|xmpp):/giu, '$1\u200b:');
}

/** An untrusted name in monospace. Inside of `<code>` GitHub makes no mentions and references; text is as it stands. */
export function markdownCode(text: string, limit = 400): string {
  return `<code>${escaped(exactly(text, limit)).replaceAll('://', ':&#47;&#47;').replaceAll('www.', 'www&#46;')}</code>`;
}

function escaped(text: string): string {
  return text.replace(SPECIAL, (character) => `&#${character.charCodeAt(0)};`);
}
