/** One element of DER (X.690): what it is, where it lies in the bytes that it was read from. */
export interface Der {
  /** The identifier octet: class, constructed bit and number (below 31). */
  tag: number;
  /** Header and content. */
  whole: Buffer;
  content: Buffer;
}

export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  oid: 0x06,
  utf8String: 0x0c,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

/** What was wrong with the bytes; whoever reads a certificate or a timestamp turns it into a coded refusal. */
export class DerError extends Error {}

const MAX_ELEMENTS = 4096;

/** The element that fills all of `bytes`. Definite, minimal lengths only. Throws DerError. */
export function readDer(bytes: Buffer): Der {
  const element = elementAt(bytes, 0);
  if (element.whole.length !== bytes.length) throw new DerError('bytes follow the end');
  return element;
}

/** What a constructed element holds, in order. Throws DerError. */
export function childrenOf(element: Der): Der[] {
  if ((element.tag & 0x20) === 0) throw new DerError('a primitive element holds no others');
  const children: Der[] = [];
  for (let at = 0; at < element.content.length; ) {
    const child = elementAt(element.content, at);
    children.push(child);
    if (children.length > MAX_ELEMENTS) throw new DerError('too many elements');
    at += child.whole.length;
  }
  return children;
}

/** The element itself if it has that tag. Throws DerError. */
export function expectTag(element: Der | undefined, tag: number): Der {
  if (element?.tag !== tag) {
    throw new DerError(
      `expected tag 0x${tag.toString(16)}, found ${element === undefined ? 'nothing' : `0x${element.tag.toString(16)}`}`,
    );
  }
  return element;
}

/** An object identifier in dotted form. */
export function oidOf(element: Der | undefined): string {
  const { content } = expectTag(element, TAG.oid);
  if (content.length === 0 || content.length > 64) throw new DerError('object identifier of a wrong length');
  const arcs: bigint[] = [];
  let arc = 0n;
  let fresh = true;
  for (const byte of content) {
    if (fresh && byte === 0x80) throw new DerError('object identifier is not minimal');
    arc = (arc << 7n) | BigInt(byte & 0x7f);
    fresh = (byte & 0x80) === 0;
    if (!fresh) continue;
    arcs.push(arc);
    arc = 0n;
  }
  if (!fresh) throw new DerError('object identifier ends in the middle');
  const [first = 0n, ...rest] = arcs;
  const top = first < 40n ? 0n : first < 80n ? 1n : 2n;
  return [top, first - top * 40n, ...rest].join('.');
}

/** A non-negative integer that fits a JavaScript number. */
export function smallIntegerOf(element: Der | undefined): number {
  const { content } = expectTag(element, TAG.integer);
  if (content.length === 0 || content.length > 6 || ((content[0] ?? 0) & 0x80) !== 0)
    throw new DerError('integer out of range');
  return content.readUIntBE(0, content.length);
}

/** UTCTime or GeneralizedTime in UTC, as RFC 5280 (4.1.2.5) and RFC 3161 (2.4.2) narrow them. */
export function timeOf(element: Der | undefined): Date {
  const text = element?.content.toString('latin1') ?? '';
  const match =
    element?.tag === TAG.utcTime
      ? /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)()Z$/u.exec(text)
      : element?.tag === TAG.generalizedTime
        ? /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\.\d{1,9})?Z$/u.exec(text)
        : null;
  if (match === null) throw new DerError('not a time in UTC');
  const [, year = '', month, day, hour, minute, second, fraction = ''] = match;
  const full = year.length === 4 ? year : `${Number(year) < 50 ? '20' : '19'}${year}`;
  const milliseconds = `${fraction.slice(1)}000`.slice(0, 3);
  const text8601 = `${full}-${month}-${day}T${hour}:${minute}:${second}.${milliseconds}Z`;
  const time = new Date(text8601);
  if (Number.isNaN(time.getTime()) || time.toISOString() !== text8601) throw new DerError('no such time');
  return time;
}

/** The bits of a BIT STRING that holds whole bytes: keys and signatures. */
export function bitStringBytes(element: Der | undefined): Buffer {
  const { content } = expectTag(element, TAG.bitString);
  if (content.length < 1 || content[0] !== 0) throw new DerError('bit string of part bytes');
  return content.subarray(1);
}

/** An element around `content`, with a minimal length. */
export function writeDer(tag: number, ...content: Buffer[]): Buffer {
  const length = content.reduce((sum, part) => sum + part.length, 0);
  const size: number[] = [];
  if (length < 0x80) size.push(length);
  else {
    for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) size.unshift(rest % 256);
    size.unshift(0x80 | size.length);
  }
  return Buffer.concat([Buffer.from([tag, ...size]), ...content]);
}

function elementAt(bytes: Buffer, at: number): Der {
  const tag = bytes[at];
  const first = bytes[at + 1];
  if (tag === undefined || first === undefined) throw new DerError('the bytes end in a header');
  if ((tag & 0x1f) === 0x1f) throw new DerError('a tag number of several bytes');
  let header = 2;
  let length = first;
  if (first >= 0x80) {
    const count = first & 0x7f;
    if (count === 0 || count > 4) throw new DerError('an indefinite or oversized length');
    if (at + 2 + count > bytes.length) throw new DerError('the bytes end in a length');
    length = bytes.readUIntBE(at + 2, count);
    if (length < 0x80 || bytes[at + 2] === 0) throw new DerError('a length that is not minimal');
    header += count;
  }
  if (at + header + length > bytes.length) throw new DerError('the bytes end in the content');
  return {
    tag,
    whole: bytes.subarray(at, at + header + length),
    content: bytes.subarray(at + header, at + header + length),
  };
}
