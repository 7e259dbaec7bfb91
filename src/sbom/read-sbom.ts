import type { Bom } from '../model/component.ts';
import { readCycloneDx } from '../model/cyclonedx/read.ts';
import { CYCLONEDX_LIMITS } from '../model/cyclonedx/schema.ts';
import { SallyportError } from '../model/error.ts';
import { parseJson } from '../model/json/parse.ts';
import { isObject, textOf } from '../model/json/values.ts';
import { cycloneDxFromXml } from './cyclonedx-xml.ts';
import { readSpdx2 } from './spdx2-read.ts';
import { readSpdx3 } from './spdx3-read.ts';

/** A bill of materials that was read, whatever form it has. */
export interface ReadSbom {
  bom: Bom;
  /** `CycloneDX 1.6 JSON`, `SPDX 2.3 JSON`, ... */
  form: string;
  /** When it says that it was made. */
  created: string | undefined;
  /** Members of the document that the Bom does not hold. */
  lost: string[];
}

export const SBOM_BYTES = CYCLONEDX_LIMITS.bytes;

/** Reads CycloneDX 1.2 to 1.7 (JSON, XML), SPDX 2.2 and 2.3 (JSON), SPDX 3.0 (JSON-LD). Throws SP-SBOM-*, SP-CDX-*, SP-JSON-*. */
export function readSbom(bytes: Uint8Array, path: string): ReadSbom {
  const start = bytes.findIndex((byte) => byte !== 0xef && byte !== 0xbb && byte !== 0xbf && byte > 0x20);
  if (bytes[start] === 0x3c) {
    const { document, version, lost } = cycloneDxFromXml(bytes, path);
    return {
      ...cycloneDx(Buffer.from(JSON.stringify(document)), path),
      form: `CycloneDX ${version} XML`,
      lost,
    };
  }
  const value = parseJson(bytes, path, CYCLONEDX_LIMITS);
  if (isObject(value)) {
    if (value.bomFormat === 'CycloneDX') return cycloneDx(bytes, path);
    const version = textOf(value.spdxVersion);
    if (version === 'SPDX-2.2' || version === 'SPDX-2.3')
      return { ...readSpdx2(value, path), form: `SPDX ${version.slice(5)} JSON` };
    if (Array.isArray(value['@graph'])) return { ...readSpdx3(value, path), form: 'SPDX 3.0 JSON-LD' };
  }
  throw new SallyportError({
    code: 'SP-SBOM-FORM',
    message: 'this is no bill of materials that can be read',
    expected: 'CycloneDX 1.2 to 1.7 in JSON or XML, SPDX 2.2 or 2.3 in JSON, or SPDX 3.0 in JSON-LD',
    place: { path },
    next: 'make it again in one of these forms',
  });
}

function cycloneDx(bytes: Uint8Array, path: string): ReadSbom {
  const bom = readCycloneDx(bytes, { path });
  const value = parseJson(bytes, path, CYCLONEDX_LIMITS) as Record<string, unknown>;
  const metadata = isObject(value.metadata) ? value.metadata : {};
  return {
    bom,
    form: `CycloneDX ${String(value.specVersion)} JSON`,
    created: textOf(metadata.timestamp),
    lost: [],
  };
}
