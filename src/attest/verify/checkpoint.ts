import { verify } from 'node:crypto';
import { failed, type VerificationFailed } from './failure.ts';
import { signatureHashOf } from './signature.ts';
import type { Log } from './trusted-root.ts';

/** A tree head that a log signed (C2SP tlog-checkpoint). */
export interface Checkpoint {
  origin: string;
  size: number;
  rootHash: Buffer;
}

const MAX_SIGNATURES = 64;
const SIGNATURE = /^— (\S+) ([A-Za-z0-9+/]{8,6000}={0,2})$/u;

/**
 * Reads a checkpoint and verifies the log's own signature on it (C2SP signed-note). Signatures of witnesses and of keys
 * that are not the log's are stepped over. Throws SP-VERIFY-CHECKPOINT.
 */
export function verifyCheckpoint(envelope: string, log: Log): Checkpoint {
  const split = envelope.indexOf('\n\n');
  if (split === -1) throw wrong('a text and its signatures', 'no empty line between them');
  const text = envelope.slice(0, split + 1);
  const checkpoint = readText(text);
  const lines = envelope.slice(split + 2).split('\n');
  if (lines.pop() !== '' || lines.length === 0 || lines.length > MAX_SIGNATURES)
    throw wrong('one line a signature', `${lines.length} lines`);
  const names = namesOf(log);
  if (!names.some((name) => checkpoint.origin === name || checkpoint.origin.startsWith(`${name} - `)))
    throw wrong(`the origin ${names[0]}`, checkpoint.origin.slice(0, 200));
  const hint = log.checkpointKeyId.subarray(0, 4);
  for (const line of lines) {
    const match = SIGNATURE.exec(line);
    if (match === null) throw wrong('signature lines', line.slice(0, 80));
    const bytes = Buffer.from(match[2] ?? '', 'base64');
    if (!names.includes(match[1] ?? '') || !bytes.subarray(0, 4).equals(hint)) continue;
    if (verify(signatureHashOf(log.key), Buffer.from(text), log.key, bytes.subarray(4))) return checkpoint;
    throw wrong(`a signature by ${log.baseUrl}`, 'one that does not verify');
  }
  throw wrong(`a signature by ${log.baseUrl}`, lines.map((line) => line.slice(0, 60)).join('; '));
}

/** How a log may sign itself: its host as the address names it, with port or path too. */
function namesOf(log: Log): string[] {
  if (!URL.canParse(log.baseUrl)) return [log.baseUrl];
  const { hostname, host, pathname } = new URL(log.baseUrl);
  return [...new Set([hostname, host, `${host}${pathname}`.replace(/\/$/u, '')])];
}

function readText(text: string): Checkpoint {
  const [origin = '', size = '', root = ''] = text.split('\n');
  const rootHash = Buffer.from(root, 'base64');
  if (origin === '' || !/^(?:0|[1-9][0-9]{0,15})$/u.test(size) || !Number.isSafeInteger(Number(size)))
    throw wrong('an origin and a tree size', `${origin.slice(0, 80)}, ${size.slice(0, 80)}`);
  if (rootHash.length !== 32 || rootHash.toString('base64') !== root)
    throw wrong('a root hash of 32 bytes', root.slice(0, 80) || 'nothing');
  return { origin, size: Number(size), rootHash };
}

function wrong(expected: string, found: string): VerificationFailed {
  return failed('SP-VERIFY-CHECKPOINT', 'the log’s checkpoint cannot be trusted', { expected, found });
}
