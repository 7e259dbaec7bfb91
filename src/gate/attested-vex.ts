import { readVex } from '../advisories/vex.ts';
import { typesOf } from '../attest/statement/types.ts';
import type { Trusted } from '../attest/trusted.ts';
import { SallyportError } from '../model/error.ts';
import { isObject } from '../model/json/values.ts';
import type { VexStatement } from '../model/vex.ts';

/** What those whom the policy trusts with VEX say about an artefact. */
export interface AttestedVex {
  statements: VexStatement[];
  /** The attestations that count: the decision rests on them. */
  counted: Trusted[];
  /** Of documents that cannot be read: they let nothing pass. */
  notes: string[];
}

const OPEN_VEX = new Set(typesOf('vex')?.read ?? []);
const CYCLONEDX = new Set(typesOf('cyclonedx')?.read ?? []);

/**
 * The statements of VEX documents among what was accepted of signers with the role `vex`. A statement is no younger than
 * the signature that proves it.
 */
export function attestedVex(accepted: readonly Trusted[]): AttestedVex {
  const found: AttestedVex = { statements: [], counted: [], notes: [] };
  for (const trusted of accepted) {
    const { statement, where, entry, signed } = trusted;
    if (statement === null || !isVex(statement.predicateType, statement.predicate)) continue;
    try {
      const read = readVex(Buffer.from(JSON.stringify(statement.predicate)), where);
      found.statements.push(
        ...read.map((one) => ({ ...one, attestedBy: entry.name, said: earlier(one.said, signed) })),
      );
      found.counted.push(trusted);
    } catch (thrown) {
      if (!(thrown instanceof SallyportError)) throw thrown;
      const { message, expected } = thrown.problem;
      found.notes.push(
        `${where}, attested by ${entry.name}, does not count: ${message}, expected ${expected}`,
      );
    }
  }
  return found;
}

/** A bill of materials of CycloneDX is VEX too where it says something of vulnerabilities. */
export function isVex(type: string, predicate: unknown): boolean {
  return (
    OPEN_VEX.has(type) ||
    (CYCLONEDX.has(type) && isObject(predicate) && predicate.vulnerabilities !== undefined)
  );
}

function earlier(said: string | null, signed: Date): string {
  const stated = Date.parse(said ?? '');
  return stated < signed.getTime() && said !== null ? said : signed.toISOString();
}
