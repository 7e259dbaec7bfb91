/**
 * Unpacks a Snappy block (google/snappy: format_description.txt). Null for what is none, or says that it is longer than
 * `limit` bytes.
 */
export function unsnappy(packed: Buffer, limit: number): Buffer | null {
  const length = varint(packed);
  if (length === null || length.value > limit) return null;
  const out = Buffer.alloc(length.value);
  let to = 0;
  for (let at = length.next; at < packed.length; ) {
    const tag = packed[at] ?? 0;
    const kind = tag & 3;
    if (kind === 0) {
      const extra = Math.max(0, (tag >> 2) - 59);
      if (at + 1 + extra > packed.length) return null;
      const count = extra === 0 ? (tag >> 2) + 1 : packed.readUIntLE(at + 1, extra) + 1;
      const from = at + 1 + extra;
      if (from + count > packed.length || to + count > out.length) return null;
      packed.copy(out, to, from, from + count);
      at = from + count;
      to += count;
      continue;
    }
    const width = kind === 1 ? 2 : kind === 2 ? 3 : 5;
    if (at + width > packed.length) return null;
    const count = kind === 1 ? ((tag >> 2) & 7) + 4 : (tag >> 2) + 1;
    const back =
      kind === 1 ? ((tag >> 5) << 8) | (packed[at + 1] ?? 0) : packed.readUIntLE(at + 1, width - 1);
    if (back === 0 || back > to || to + count > out.length) return null;
    // Byte by byte: what is copied may be what is being written.
    for (let n = 0; n < count; n += 1, to += 1) out[to] = out[to - back] ?? 0;
    at += width;
  }
  return to === out.length ? out : null;
}

function varint(bytes: Buffer): { value: number; next: number } | null {
  let value = 0;
  for (let index = 0; index < 5 && index < bytes.length; index += 1) {
    const byte = bytes[index] ?? 0;
    value += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) return { value, next: index + 1 };
  }
  return null;
}
