/** The first line of every generated page. */
export const NOTE = (from: string) => `<!-- Written by \`npm run generate\` from ${from}. Do not edit. -->`;

/** Text inside a table's cell: no line break, no pipe that would end it. */
export function cell(text: string): string {
  return text.replace(/\s*\n\s*/gu, ' ').replaceAll('|', '\\|');
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
