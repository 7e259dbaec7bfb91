import { LOCK_LIMITS, tooMany } from './limits.ts';
import { parseRequirement, type Requirement } from './python-names.ts';
import { linesOf } from './text.ts';

export interface RequirementsLine extends Requirement {
  line: number;
  /** `sha256:...` */
  hashes: string[];
  /** Who needs it, as pip-compile and uv say it in comments. */
  via: string[];
}

export interface RequirementsText {
  requirements: RequirementsLine[];
  includes: { target: string; constrains: boolean; line: number }[];
  unreadable: { line: number; text: string }[];
}

/** Reads the lines of one file; a backslash at the end joins the next one. Throws SP-LOCK-LIMIT. */
export function parseRequirements(text: string, path: string): RequirementsText {
  const found: RequirementsText = { requirements: [], includes: [], unreadable: [] };
  const lines = linesOf(text);
  for (let at = 0; at < lines.length; at++) {
    const line = at + 1;
    const parts: string[] = [];
    for (;;) {
      const written = lines[at] ?? '';
      if (!written.endsWith('\\')) {
        parts.push(written);
        break;
      }
      parts.push(written.slice(0, -1));
      at++;
    }
    const joined = parts.join(' ');
    const comment = commentAt(joined);
    const content = (comment === -1 ? joined : joined.slice(0, comment)).trim();
    const said = comment === -1 ? '' : joined.slice(comment);
    const last = found.requirements.at(-1);
    if (content === '') {
      if (last !== undefined) addVia(last, said, true);
      continue;
    }
    if (found.requirements.length >= LOCK_LIMITS.entries)
      throw tooMany({ path, line }, 'requirements', LOCK_LIMITS.entries);
    const requirement = take(content, line, found);
    if (requirement !== null) {
      found.requirements.push(requirement);
      addVia(requirement, said, false);
    }
  }
  return found;
}

function take(content: string, line: number, found: RequirementsText): RequirementsLine | null {
  if (content.startsWith('-')) {
    const option = /^(-r|-c|-e|--requirement|--constraint|--editable)(?:\s+|=)?(.*)$/u.exec(content);
    const [, name = '', value = ''] = option ?? [];
    const target = value.trim();
    if (option === null || content.startsWith('--extra')) return null;
    if (name === '-e' || name === '--editable') return editable(target, line);
    if (target === '') found.unreadable.push({ line, text: content });
    else found.includes.push({ target, constrains: name === '-c' || name === '--constraint', line });
    return null;
  }
  const words = content.split(/\s+(?=--)/u);
  const [stated = ''] = words;
  const hashes = words.slice(1).flatMap((word) => /^--hash[= ](\S+)$/u.exec(word.trim())?.[1] ?? []);
  if (/^[a-z+]+:\/\//u.test(stated)) return addressed(stated, line, hashes);
  // A path of the tree, with its folder or its archive: what it is called stands in its own manifest.
  if (stated.startsWith('.') || stated.startsWith('/')) return null;
  const requirement = parseRequirement(stated);
  if (requirement === null) {
    found.unreadable.push({ line, text: content });
    return null;
  }
  return { ...requirement, line, hashes, via: [] };
}

function editable(target: string, line: number): RequirementsLine | null {
  return /^[a-z+]+:\/\//u.test(target) ? addressed(target, line, []) : null;
}

/** An address alone: its name stands behind `#egg=`, or is that of the wheel. */
function addressed(address: string, line: number, hashes: string[]): RequirementsLine {
  const egg = /[#&]egg=([\w.-]+)/u.exec(address)?.[1];
  const [plain = ''] = address.split('#', 1);
  const file = plain.slice(plain.lastIndexOf('/') + 1);
  const name = egg ?? file.split(/[-@]/u, 1)[0] ?? '';
  return {
    name: name === '' ? 'unnamed' : name.replace(/\.git$/u, ''),
    extras: [],
    specifier: '',
    address: plain,
    line,
    hashes,
    via: [],
  };
}

/** A `#` begins a comment at the beginning of a line or after a blank. */
function commentAt(line: string): number {
  for (let at = line.indexOf('#'); at !== -1; at = line.indexOf('#', at + 1)) {
    const before = line[at - 1];
    if (at === 0 || before === ' ' || before === '\t') return at;
  }
  return -1;
}

/** `# via flask`, or `# via` and the names on lines of their own, also `# via flask, -r requirements.in`. */
function addVia(requirement: RequirementsLine, comment: string, own: boolean): void {
  const text = comment.replace(/^[#\s]+/u, '').trim();
  if (text === 'via' || text.startsWith('via ')) {
    requirement.via.push(...namesIn(text.slice(3)));
    if (requirement.via.length === 0) open.add(requirement);
  } else if (own && text !== '' && open.has(requirement)) requirement.via.push(...namesIn(text));
  else if (own) open.delete(requirement);
}

/** Requirements whose list of names goes on in the next comment lines. */
const open = new WeakSet<RequirementsLine>();

function namesIn(text: string): string[] {
  return text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}
