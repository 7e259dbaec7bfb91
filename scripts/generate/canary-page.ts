import { cell, NOTE, table } from './markdown.ts';

interface Schema {
  description?: string;
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  default?: unknown;
  properties?: Record<string, Schema>;
  items?: Schema;
  anyOf?: Schema[];
  oneOf?: Schema[];
}

/** docs/reference/canary.md: every key of canary.yml, from its JSON Schema. */
export function canaryPage(schema: Schema): string {
  return [
    '# canary.yml',
    NOTE('src/deliver/plan/schema.ts'),
    'Editors complete and check it with `# yaml-language-server: $schema=…/docs/reference/canary.schema.json` as its first line; examples/canary/canary.yml is a whole one. Durations are written `500ms`, `10s`, `5m`, `2h`. An unknown key is an error, and everything is checked before anything is touched.',
    table(['key', 'type', 'default', 'what it says'], rows(schema, '')),
    '',
  ].join('\n\n');
}

function rows(schema: Schema, prefix: string): string[][] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, part]) => {
    const path = prefix === '' ? name : `${prefix}.${name}`;
    const fallback = part.default === undefined ? '' : cell(`\`${JSON.stringify(part.default)}\``);
    return [[`\`${path}\``, typeOf(part), fallback, cell(part.description ?? '')], ...inner(part, path)];
  });
}

/** The keys inside of a key; of a choice each variant under the value that names it. */
function inner(part: Schema, path: string): string[][] {
  if (part.properties !== undefined) return rows(part, path);
  if (part.items !== undefined) return inner(part.items, `${path}[]`);
  return (part.oneOf ?? part.anyOf ?? []).flatMap((variant) => {
    const name = Object.values(variant.properties ?? {}).find(
      ({ const: fixed }) => fixed !== undefined,
    )?.const;
    return name === undefined ? [] : rows(variant, `${path}(${String(name)})`);
  });
}

function typeOf(part: Schema): string {
  if (part.const !== undefined) return `\`${JSON.stringify(part.const)}\``;
  if (part.enum !== undefined) return part.enum.map((value) => `\`${String(value)}\``).join(', ');
  if (part.items !== undefined) return `list of ${typeOf(part.items)}`;
  if (part.properties !== undefined) return 'map';
  if ((part.oneOf ?? part.anyOf) !== undefined) return 'one of several maps';
  return typeof part.type === 'string' ? part.type : 'any value';
}
