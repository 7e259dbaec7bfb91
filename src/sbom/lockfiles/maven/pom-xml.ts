import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { isObject, type Json } from '../../../model/json/values.ts';
import { LOCK_LIMITS, malformed, tooMany } from '../limits.ts';
import { textOf } from '../text.ts';
import { own, ownObject } from '../values.ts';

/** A dependency as a pom.xml writes it: properties are not put in yet. */
export interface PomDependency {
  groupId: string;
  artifactId: string;
  version: string | undefined;
  scope: string | undefined;
  type: string | undefined;
  classifier: string | undefined;
  optional: boolean;
  /** Of a profile: there only where the profile is active. */
  profile: boolean;
  line: number;
}

/** One pom.xml by itself (https://maven.apache.org/pom.html). */
export interface Pom {
  path: string;
  parent:
    | { groupId: string; artifactId: string; version: string; relativePath: string | undefined }
    | undefined;
  groupId: string | undefined;
  artifactId: string;
  version: string | undefined;
  properties: Map<string, string>;
  managed: PomDependency[];
  dependencies: PomDependency[];
  licenses: string[];
}

const LISTS = new Set(['dependency', 'profile', 'license', 'module']);
const MAX_BYTES = 8 * 1024 * 1024;

const parser = new XMLParser({
  ignoreAttributes: true,
  ignoreDeclaration: true,
  parseTagValue: false,
  processEntities: false,
  trimValues: true,
  captureMetaData: true,
  isArray: (name) => LISTS.has(String(name)),
});
const METADATA = XMLParser.getMetaDataSymbol() as unknown as symbol;

/** The text of a pom.xml; ISO-8859-1 and its like are read where the file says so. Throws SP-LOCK-ENCODING. */
export function pomText(bytes: Uint8Array, path: string): string {
  const head = Buffer.from(bytes.subarray(0, 200)).toString('latin1');
  const encoding = /^<\?xml[^>]{0,100}encoding=["']([\w-]{1,30})["']/u.exec(head)?.[1]?.toLowerCase();
  const isLatin = encoding === 'iso-8859-1' || encoding === 'windows-1252' || encoding === 'us-ascii';
  return textOf(isLatin ? Buffer.from(Buffer.from(bytes).toString('latin1'), 'utf8') : bytes, path);
}

/** Reads a pom.xml. Throws SP-LOCK-SYNTAX with the line where the XML is broken; document types are refused. */
export function parsePom(text: string, path: string): Pom {
  const value = readXml(text, path);
  const project = own(value, 'project');
  if (!isObject(project)) throw malformed({ path, line: 1 }, 'this is no pom.xml', 'an element project');
  const artifactId = leaf(project, 'artifactId');
  if (artifactId === undefined)
    throw malformed({ path, line: 1 }, 'the project has no artifactId', 'an element artifactId');
  const lineAt = lineFinder(text);
  const take = (list: unknown, profile: boolean): PomDependency[] => {
    const found = own(list, 'dependency');
    if (!Array.isArray(found)) return [];
    if (found.length > LOCK_LIMITS.entries) throw tooMany({ path }, 'dependencies', LOCK_LIMITS.entries);
    return found.filter(isObject).map((one) => dependency(one, lineAt(one), profile));
  };
  const profiles = own(ownObject(project, 'profiles'), 'profile');
  const inProfiles = (Array.isArray(profiles) ? profiles : []).filter(isObject);
  const parent = ownObject(project, 'parent');
  const licences = own(ownObject(project, 'licenses'), 'license');
  return {
    path,
    parent:
      own(project, 'parent') === undefined
        ? undefined
        : {
            groupId: leaf(parent, 'groupId') ?? '',
            artifactId: leaf(parent, 'artifactId') ?? '',
            version: leaf(parent, 'version') ?? '',
            relativePath: own(parent, 'relativePath') === '' ? '' : leaf(parent, 'relativePath'),
          },
    groupId: leaf(project, 'groupId'),
    artifactId,
    version: leaf(project, 'version'),
    properties: new Map(
      Object.entries(ownObject(project, 'properties')).flatMap(([name, stated]): [string, string][] =>
        typeof stated === 'string' ? [[name, stated]] : [],
      ),
    ),
    managed: take(ownObject(ownObject(project, 'dependencyManagement'), 'dependencies'), false),
    dependencies: [
      ...take(ownObject(project, 'dependencies'), false),
      ...inProfiles.flatMap((one) => take(ownObject(one, 'dependencies'), true)),
    ],
    licenses: (Array.isArray(licences) ? licences : []).flatMap((one) => leaf(one, 'name') ?? []),
  };
}

function readXml(text: string, path: string): Json {
  if (text.length > MAX_BYTES)
    throw malformed({ path }, 'the file is too large', `at most ${MAX_BYTES} characters`);
  const doctype = text.search(/<!(?:DOCTYPE|ENTITY)/iu);
  if (doctype !== -1)
    throw malformed(
      { path, line: text.slice(0, doctype).split('\n').length },
      'the XML has a document type',
      'XML without DOCTYPE',
    );
  try {
    const checked = XMLValidator.validate(text);
    if (checked !== true) {
      const { line, col, msg } = checked.err;
      throw malformed({ path, line, column: col }, 'this is not valid XML', 'XML 1.0', msg);
    }
    const value: unknown = parser.parse(text);
    return isObject(value) ? value : {};
  } catch (cause) {
    if (cause instanceof Error && cause.name === 'SallyportError') throw cause;
    throw malformed({ path }, 'this is not readable XML', 'XML 1.0 of moderate depth', String(cause), cause);
  }
}

/** The text of a child; predefined entities are put in, others stay as they are. */
function leaf(value: unknown, name: string): string | undefined {
  const text = own(value, name);
  if (typeof text !== 'string' || text === '') return undefined;
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}

function dependency(one: Json, line: number, profile: boolean): PomDependency {
  return {
    groupId: leaf(one, 'groupId') ?? '',
    artifactId: leaf(one, 'artifactId') ?? '',
    version: leaf(one, 'version'),
    scope: leaf(one, 'scope'),
    type: leaf(one, 'type'),
    classifier: leaf(one, 'classifier'),
    optional: leaf(one, 'optional') === 'true',
    profile,
    line,
  };
}

/** The line of an element, from the offset that the parser keeps. Elements come in order. */
function lineFinder(text: string): (element: Json) => number {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return (element) => {
    const stated = (element as Record<symbol, unknown>)[METADATA];
    const offset = isObject(stated) && typeof stated.startIndex === 'number' ? stated.startIndex : 0;
    let [low, high] = [0, starts.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return low + 1;
  };
}
