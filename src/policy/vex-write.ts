import type { Said } from './chain.ts';
import type { WaiverEntry } from './schema.ts';

/** An OpenVEX 0.2.0 document (https://github.com/openvex/spec/blob/main/OPENVEX-SPEC.md). */
export interface OpenVex {
  '@context': 'https://openvex.dev/ns/v0.2.0';
  '@id': string;
  author: string;
  timestamp: string;
  version: 1;
  statements: Record<string, unknown>[];
}

/**
 * The waivers for vulnerabilities as VEX: with a justification `not_affected`, else `affected` with what was decided as
 * the action. Waivers of another kind speak of no vulnerability and are left out.
 */
export function openVexOf(
  waivers: readonly Said<WaiverEntry>[],
  { id, author, timestamp }: { id: string; author: string; timestamp: string },
): OpenVex {
  const statements = waivers.flatMap(({ value }): Record<string, unknown>[] => {
    const { component, advisory, justification, owner, reason, expires } = value;
    if (component === undefined || advisory === undefined) return [];
    const note = `${reason} (${owner}, until ${expires})`;
    const about = {
      vulnerability: { name: advisory },
      products: [{ '@id': component, identifiers: { purl: component } }],
      timestamp,
    };
    return [
      justification === undefined
        ? { ...about, status: 'affected', action_statement: `Accepted for a time: ${note}` }
        : { ...about, status: 'not_affected', justification, impact_statement: note },
    ];
  });
  return {
    '@context': 'https://openvex.dev/ns/v0.2.0',
    '@id': id,
    author,
    timestamp,
    version: 1,
    statements,
  };
}
