import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { SallyportError } from '../../model/error.ts';
import { isObject, type Json } from '../../model/json/values.ts';

const parser = new XMLParser({
  ignoreAttributes: true,
  ignoreDeclaration: true,
  removeNSPrefix: true,
  parseTagValue: false,
  // Lists of the Query protocol: `member`, also where there is only one.
  isArray: (name) => name === 'member',
});

/** An answer of AWS's Query protocol; all values are texts. Throws SP-AWS. */
export function readXml(text: string, service: string): Json {
  if (!/<!(?:DOCTYPE|ENTITY)/iu.test(text) && XMLValidator.validate(text) === true) {
    const value: unknown = parser.parse(text);
    if (isObject(value)) return value;
  }
  throw new SallyportError({
    code: 'SP-AWS',
    message: `${service} gave no XML`,
    expected: 'an answer of the Query protocol',
    found: text.slice(0, 100),
  });
}

/** What is at the end of a path of elements, or null. */
export function elementAt(xml: unknown, ...path: readonly string[]): unknown {
  let at = xml;
  for (const name of path) {
    if (!isObject(at) || !Object.hasOwn(at, name)) return null;
    at = at[name];
  }
  return at;
}

export function textAt(xml: unknown, ...path: readonly string[]): string | null {
  const found = elementAt(xml, ...path);
  return typeof found === 'string' ? found : null;
}

/** The members of a list; none where the element is empty or not there. */
export function membersAt(xml: unknown, ...path: readonly string[]): unknown[] {
  const found = elementAt(xml, ...path, 'member');
  return Array.isArray(found) ? found : [];
}
