import { packageOfPurl, parseLenientPurl } from '../versions/purl.ts';

/** The package that a purl names, and its version where it has one; null where it is no purl that can be read. */
export function packageAt(text: string): { name: string; version: string | undefined } | null {
  try {
    const purl = parseLenientPurl(text);
    return { name: packageOfPurl(purl), version: purl.version };
  } catch {
    // What names no package covers none: the caller says so.
    return null;
  }
}
