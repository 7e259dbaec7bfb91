import { verify } from 'node:crypto';
import type { LogEntry } from './bundle.ts';
import { verifyCheckpoint } from './checkpoint.ts';
import { failed } from './failure.ts';
import { rootFromProof } from './merkle.ts';
import { signatureHashOf } from './signature.ts';
import { isWithin, type Log, type TrustedInstance } from './trusted-root.ts';

/** What a log proved about an entry. */
export interface Logged {
  log: Log;
  index: number;
  /** The time of the signed entry timestamp; null where there is none: the bare field of an entry proves nothing. */
  time: Date | null;
  proof: 'inclusion' | 'promise';
}

/**
 * Proves that the entry is in a log of the instance: inclusion proof up to a signed checkpoint, and the signed entry
 * timestamp where there is one. Throws SP-VERIFY-LOG, SP-VERIFY-INCLUSION, SP-VERIFY-CHECKPOINT, SP-VERIFY-SET.
 */
export function verifyEntry(entry: LogEntry, instance: TrustedInstance): Logged {
  const log = instance.logs.find(
    (candidate) => candidate.keyId.equals(entry.logId) || candidate.checkpointKeyId.equals(entry.logId),
  );
  if (log === undefined) {
    throw failed('SP-VERIFY-LOG', 'the entry is of a log that is not trusted', {
      expected: instance.logs.map((known) => known.baseUrl).join(', ') || 'no log: the instance has none',
      found: `the log ${entry.logId.toString('hex').slice(0, 16)}…`,
      next: 'give the trusted root of the instance that it was signed with (--trusted-root)',
    });
  }
  const time =
    entry.signedEntryTimestamp === null ? null : verifyPromise(entry, entry.signedEntryTimestamp, log);
  if (entry.proof === null) {
    if (time === null) throw failed('SP-VERIFY-INCLUSION', 'the entry has no proof that it is in the log');
    return { log, index: entry.logIndex, time, proof: 'promise' };
  }
  const { logIndex, treeSize, rootHash, hashes, checkpoint: envelope } = entry.proof;
  const checkpoint = verifyCheckpoint(envelope, log);
  const root = rootFromProof(entry.body, logIndex, treeSize, hashes);
  if (root === null || !root.equals(rootHash)) {
    throw failed('SP-VERIFY-INCLUSION', 'the entry is not in the log: its inclusion proof does not add up', {
      expected: `the root ${rootHash.toString('hex')}`,
      found: root?.toString('hex') ?? 'a proof of a wrong length',
    });
  }
  if (checkpoint.size !== treeSize || !checkpoint.rootHash.equals(rootHash)) {
    throw failed(
      'SP-VERIFY-INCLUSION',
      'the inclusion proof is for another tree than the one that the log signed',
      {
        expected: `${checkpoint.size} entries, root ${checkpoint.rootHash.toString('hex')}`,
        found: `${treeSize} entries, root ${rootHash.toString('hex')}`,
      },
    );
  }
  // A tiled log has one tree: the two places must agree, since nothing else vouches for the outer one.
  if (entry.version === '0.0.2' && entry.kind !== 'intoto' && entry.logIndex !== logIndex) {
    throw failed('SP-VERIFY-INCLUSION', 'the entry names another place in the log than its proof', {
      expected: String(logIndex),
      found: String(entry.logIndex),
    });
  }
  return { log, index: entry.logIndex, time, proof: 'inclusion' };
}

/** Rekor v1's promise over body, time, log and index, in canonical JSON (RFC 8785). */
function verifyPromise(entry: LogEntry, signature: Buffer, log: Log): Date {
  const { integratedTime } = entry;
  const text = `{"body":"${entry.body.toString('base64')}","integratedTime":${integratedTime ?? 0},"logID":"${entry.logId.toString('hex')}","logIndex":${entry.logIndex}}`;
  if (integratedTime === null || !verify(signatureHashOf(log.key), Buffer.from(text), log.key, signature)) {
    throw failed('SP-VERIFY-SET', 'the log’s signed entry timestamp does not verify', {
      expected: `a signature by ${log.baseUrl} over entry, time and index`,
      found: integratedTime === null ? 'an entry without a time' : 'one that does not verify',
    });
  }
  const time = new Date(integratedTime * 1000);
  if (!isWithin(time, log.validFor)) throw outsidePeriod(log, time);
  return time;
}

export function outsidePeriod(log: Log, time: Date): Error {
  return failed('SP-VERIFY-LOG', 'the log’s key was not in use when the signature was made', {
    expected: `from ${log.validFor.start.toISOString()}${log.validFor.end === null ? '' : ` to ${log.validFor.end.toISOString()}`}`,
    found: time.toISOString(),
  });
}
