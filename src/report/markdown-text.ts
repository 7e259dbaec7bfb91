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
    .replaceAll('::', ':&#58;')
    .replace(/&#35;(?=[0-9])/gu, '&#35;\u200b')
    .replace(/\b(gh-)(?=[0-9])/giu, '$1\u200b')
    .replaceAll('://', ':\u200b//')
    .replace(/\bwww\./giu, 'www\u200b.')
    .replace(/\b(mailto|xmpp):/giu, '$1\u200b:');
}

/**
 * An untrusted name in monospace. Inside of `<code>` GitHub makes no mentions and references, so that the text can be
 * copied as it stands; only what looks like an e-mail address is broken.
 */
export function markdownCode(name: string, limit = 400): string {
  const text = escaped(exactly(name, limit))
    .replace(/(?<=[A-Za-z0-9.+_-])@/gu, '\u200b&#64;')
    .replaceAll('@', '&#64;')
    .replaceAll('::', ':&#58;')
    .replaceAll('://', ':&#47;&#47;')
    .replaceAll('www.', 'www&#46;');
  return `<code>${text}</code>`;
}

function escaped(text: string): string {
  return text.replace(SPECIAL, (character) => `&#${character.charCodeAt(0)};`);
}
