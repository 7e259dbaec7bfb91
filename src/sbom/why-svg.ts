import type { Why } from './why.ts';

const WIDTH = 260;
const GAP = 60;
const ROW = 44;
const BOX = 30;
const MARGIN = 16;
const MAX_NODES = 400;

interface Node {
  ref: string;
  column: number;
  row: number;
}

/** The ways to components as a picture: roots on the left, what is asked about on the right. Self-contained SVG. */
export function whySvg(whys: readonly Why[]): string {
  const nodes = new Map<string, Node>();
  const lines = new Set<string>();
  const asked = new Set(whys.map((why) => why.component.ref));
  const rows: number[] = [];
  let cut = whys.some((why) => why.more);
  for (const { paths, component } of whys) {
    for (const path of paths.length > 0 ? paths : [[component.ref]]) {
      for (const [column, ref] of path.entries()) {
        const known = nodes.get(ref);
        if (known !== undefined) known.column = Math.max(known.column, column);
        else if (nodes.size < MAX_NODES) nodes.set(ref, { ref, column, row: 0 });
        else cut = true;
        const before = path[column - 1];
        if (before !== undefined) lines.add(JSON.stringify([before, ref]));
      }
    }
  }
  for (const node of nodes.values()) {
    node.row = rows[node.column] ?? 0;
    rows[node.column] = node.row + 1;
  }
  const width = 2 * MARGIN + Math.max(1, rows.length) * (WIDTH + GAP) - GAP;
  const height = 2 * MARGIN + Math.max(1, ...rows.map((count) => count ?? 0)) * ROW + (cut ? ROW : 0);
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" font-family="ui-sans-serif,system-ui,sans-serif" font-size="12">`,
    `<title>Ways from the service to ${text([...asked].join(', '), 200)}</title>`,
    '<style>.b{fill:#fff;stroke:#8b97a6}.r{fill:#e8f0fb;stroke:#3b7dd8}.a{fill:#fce6e7;stroke:#c4232f;stroke-width:2}.l{fill:none;stroke:#8b97a6}text{fill:#17202b}@media(prefers-color-scheme:dark){.b{fill:#18202a}.r{fill:#1a2a40}.a{fill:#3b1c22}text{fill:#e7edf4}}</style>',
  ];
  for (const line of lines) {
    const [from, to] = JSON.parse(line) as [string, string];
    const [a, b] = [nodes.get(from), nodes.get(to)];
    if (a === undefined || b === undefined) continue;
    const [x1, y1, x2, y2] = [left(a) + WIDTH, middle(a), left(b), middle(b)];
    const bend = Math.max(20, (x2 - x1) / 2);
    parts.push(`<path class="l" d="M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}"/>`);
  }
  for (const node of nodes.values()) {
    const kind = asked.has(node.ref) ? 'a' : node.column === 0 ? 'r' : 'b';
    parts.push(
      `<g><title>${text(node.ref, 500)}</title><rect class="${kind}" x="${left(node)}" y="${middle(node) - BOX / 2}" width="${WIDTH}" height="${BOX}" rx="6"/>`,
      `<text x="${left(node) + 10}" y="${middle(node) + 4}">${text(node.ref.replace(/^pkg:/u, ''), 38)}</text></g>`,
    );
  }
  if (cut)
    parts.push(`<text x="${MARGIN}" y="${height - MARGIN}">There are more ways than are shown.</text>`);
  return `${parts.join('\n')}\n</svg>\n`;
}

function left(node: Node): number {
  return MARGIN + node.column * (WIDTH + GAP);
}

function middle(node: Node): number {
  return MARGIN + node.row * ROW + BOX / 2;
}

/** Untrusted text for XML: cut, control characters and markup replaced. */
function text(value: string, limit: number): string {
  const cut = value.length > limit ? `${value.slice(0, limit - 1)}…` : value;
  return cut
    .toWellFormed()
    .replace(/[\u0000-\u001f\u007f-\u009f\ufffe\uffff]/gu, '�')
    .replace(/[&<>"']/gu, (character) => `&#${character.charCodeAt(0)};`);
}
