const REFERENCES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
};

/**
 * Text for an element or a quoted attribute of HTML and XML. What is invisible was made visible before (text.ts).
 * `##[` goes too: printed to a log it would be a runner's command.
 */
export function xml(text: string | number): string {
  return String(text)
    .replace(/[&<>"'`]/gu, (character) => REFERENCES[character] ?? character)
    .replaceAll('##[', '##&#91;');
}
