import type { Scope } from '../../model/component.ts';
import type { Purl } from '../../versions/purl.ts';

/** PEP 503: the form in which two names are the same package. */
export function normalized(name: string): string {
  return name.toLowerCase().replace(/[-_.]+/gu, '-');
}

export function pypiPurl(name: string, version?: string, qualifiers?: Purl['qualifiers']): Purl {
  return { type: 'pypi', name, version, qualifiers };
}

/** A dependency as PEP 508 writes it. */
export interface Requirement {
  name: string;
  extras: string[];
  /** Version specifiers without blanks; empty where there are none. */
  specifier: string;
  /** The address of a direct reference (`name @ https://...`). */
  address?: string | undefined;
}

/** Reads `name[extras] specifier ; marker` and `name @ address ; marker`. Null where it begins with no name. */
export function parseRequirement(text: string): Requirement | null {
  const name = /^[A-Za-z0-9](?:[\w.-]*)/u.exec(text)?.[0];
  if (name === undefined) return null;
  let rest = text.slice(name.length).trimStart();
  let extras: string[] = [];
  if (rest.startsWith('[')) {
    const close = rest.indexOf(']');
    if (close === -1) return null;
    extras = rest
      .slice(1, close)
      .split(',')
      .map((one) => one.trim());
    rest = rest.slice(close + 1).trimStart();
  }
  if (rest.startsWith('@')) {
    const address = rest.slice(1).trimStart().split(/[\s;]/u, 1)[0] ?? '';
    return { name, extras, specifier: '', address };
  }
  const semicolon = rest.indexOf(';');
  const stated = (semicolon === -1 ? rest : rest.slice(0, semicolon)).replace(/[\s()]/gu, '');
  return { name, extras, specifier: stated };
}

/** The one version that specifiers allow: `==1.0`, `===1.0`; undefined where they allow more. */
export function exactVersion(specifier: string): string | undefined {
  for (const one of specifier.split(',')) {
    if (!one.startsWith('==')) continue;
    const version = one.slice(one.startsWith('===') ? 3 : 2);
    if (version !== '' && !version.includes('*')) return version;
  }
  return undefined;
}

/** What a group of dependencies is for, by its name. */
export function scopeOfGroup(name: string): Scope {
  const lower = name.toLowerCase();
  if (lower === 'main' || lower === 'default' || lower === '') return 'runtime';
  return lower.includes('test') ? 'test' : 'development';
}
