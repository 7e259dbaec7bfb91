import { crc32, deflateRawSync } from 'node:zlib';

/** A record with the fields that matching needs; the rest can be handed in. */
export function record(id: string, more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    schema_version: '1.7.3',
    id,
    modified: '2024-05-01T00:00:00Z',
    summary: `About ${id}`,
    affected: [affected('PyPI', 'demo', { introduced: '0' }, { fixed: '2.0' })],
    ...more,
  };
}

export function affected(
  ecosystem: string,
  name: string,
  ...events: Record<string, string>[]
): Record<string, unknown> {
  return { package: { ecosystem, name }, ranges: [{ type: 'ECOSYSTEM', events }] };
}

export interface ZipMember {
  name: string;
  content: string | Buffer;
  /** What the headers say, where that is not the truth. */
  claim?: { size?: number; crc?: number; method?: number; flags?: number };
}

/** A zip archive with deflated members, the headers as told. */
export function zip(members: readonly ZipMember[]): Buffer {
  const locals: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const { name, content, claim = {} } of members) {
    const plain = Buffer.from(content);
    const packed = deflateRawSync(plain);
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(claim.flags ?? 0x800, 2);
    fields.writeUInt16LE(claim.method ?? 8, 4);
    fields.writeUInt32LE(claim.crc ?? crc32(plain), 10);
    fields.writeUInt32LE(packed.length, 14);
    fields.writeUInt32LE(claim.size ?? plain.length, 18);
    fields.writeUInt16LE(Buffer.byteLength(name), 22);
    const local = Buffer.concat([Buffer.from('PK\u0003\u0004', 'latin1'), fields, Buffer.from(name), packed]);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(offset, 10);
    central.push(
      Buffer.concat([Buffer.from('PK\u0001\u0002\u0014\u0000', 'latin1'), fields, rest, Buffer.from(name)]),
    );
    locals.push(local);
    offset += local.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(members.length, 4);
  end.writeUInt16LE(members.length, 6);
  end.writeUInt32LE(directory.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...locals, directory, Buffer.from('PK\u0005\u0006', 'latin1'), end]);
}
