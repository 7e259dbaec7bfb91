import { z } from 'zod';
import { canaryFile } from '../../src/deliver/plan/schema.ts';
import { policyFile } from '../../src/policy/schema.ts';
import { reportDocument } from '../../src/report/document.ts';
import { canaryPage } from './canary-page.ts';
import type { GeneratedFile } from './index.ts';
import { cell, NOTE, table } from './markdown.ts';

interface JsonSchema {
  description?: string;
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  pattern?: string;
  properties?: Record<string, JsonSchema>;
  items?: JsonSchema;
  additionalProperties?: JsonSchema | boolean;
  propertyNames?: JsonSchema;
  anyOf?: JsonSchema[];
}

/** JSON Schemas of what people write and programs read, and the page about the policy file. */
export function generateSchemas(): GeneratedFile[] {
  const policy = z.toJSONSchema(policyFile, { io: 'input', target: 'draft-2020-12' }) as JsonSchema;
  const canary = z.toJSONSchema(canaryFile, { io: 'input', target: 'draft-2020-12' }) as JsonSchema;
  const report = z.toJSONSchema(reportDocument, { io: 'output', target: 'draft-2020-12' });
  const text = (schema: unknown) => `${JSON.stringify(schema, null, 2)}\n`;
  return [
    { path: 'action-policies/policy.schema.json', content: text(policy) },
    { path: 'docs/reference/report.schema.json', content: text(report) },
    { path: 'docs/reference/policy.md', content: policyPage(policy) },
    { path: 'docs/reference/canary.schema.json', content: text(canary) },
    { path: 'docs/reference/canary.md', content: canaryPage(canary) },
  ];
}

function policyPage(schema: JsonSchema): string {
  return [
    '# The policy file',
    NOTE('src/policy/schema.ts'),
    '`.sallyport.yml` at the root of the repository. Editors complete and check it with `# yaml-language-server: $schema=…/action-policies/policy.schema.json` as its first line. Packs in `action-policies/` have the same form. An unknown key is an error.',
    table(['key', 'type', 'what it says'], rows(schema, '')),
    'A later layer may add, tighten and waive; loosening in any other way is an error that names both places. `sallyport policy explain` shows what holds and who said it.',
    '',
  ].join('\n\n');
}

function rows(schema: JsonSchema, prefix: string): string[][] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, part]) => {
    const path = prefix === '' ? name : `${prefix}.${name}`;
    return [[`\`${path}\``, typeOf(part), cell(part.description ?? '')], ...inner(part, path)];
  });
}

function inner(part: JsonSchema, path: string): string[][] {
  if (part.properties !== undefined) return rows(part, path);
  if (part.items?.properties !== undefined) return rows(part.items, `${path}[]`);
  if (typeof part.additionalProperties === 'object') {
    const key =
      part.propertyNames?.enum === undefined
        ? 'NAME'
        : part.propertyNames.enum.length === 1
          ? String(part.propertyNames.enum[0])
          : 'NAME';
    return inner(part.additionalProperties, `${path}.${key}`);
  }
  return [];
}

function typeOf(part: JsonSchema): string {
  if (part.const !== undefined) return `\`${JSON.stringify(part.const)}\``;
  if (part.enum !== undefined) return part.enum.map((value) => `\`${String(value)}\``).join(', ');
  if (part.items !== undefined) return `list of ${typeOf(part.items)}`;
  if (part.properties !== undefined) return 'map';
  if (typeof part.additionalProperties === 'object') {
    const keys = part.propertyNames?.enum;
    return keys === undefined
      ? `map of names to ${typeOf(part.additionalProperties)}`
      : `map of ${keys.map((k) => `\`${String(k)}\``).join(', ')} to ${typeOf(part.additionalProperties)}`;
  }
  return typeof part.type === 'string' ? part.type : 'any value';
}
