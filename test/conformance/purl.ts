import { isDeepStrictEqual } from 'node:util';
import { SallyportError } from '../../src/model/error.ts';
import { formatPurl, type Purl, parseLenientPurl, parsePurl } from '../../src/versions/purl.ts';

/** A test of the purl specification (schemas/purl-test.schema-0.2.json there). */
export interface PurlCase {
  test_type: 'parse' | 'build' | 'validate';
  test_group: 'required' | 'recommended';
  input: string | Record<string, unknown>;
  expected_output: unknown;
  expected_failure?: boolean;
}

/**
 * `pass`, or what differs. Required tests are about canonical input, recommended ones about putting right what is not
 * (docs/tests there), so only the latter are read leniently.
 */
export function checkPurl(test: PurlCase): string {
  const outcome = attempt(test);
  if (test.expected_failure)
    return outcome === undefined ? 'pass' : `expected a failure, got ${JSON.stringify(outcome)}`;
  const expected =
    typeof test.expected_output === 'string' ? test.expected_output : withoutEmpty(test.expected_output);
  if (isDeepStrictEqual(outcome, expected)) return 'pass';
  return `expected ${JSON.stringify(expected)}, got ${JSON.stringify(outcome ?? null)}`;
}

function attempt({ test_type: type, test_group: group, input }: PurlCase): unknown {
  const read = group === 'recommended' ? parseLenientPurl : parsePurl;
  try {
    if (type === 'build') return formatPurl(withoutEmpty(input) as unknown as Purl);
    const purl = read(String(input));
    return type === 'validate' ? formatPurl(purl) : withoutEmpty(purl);
  } catch (thrown) {
    if (thrown instanceof SallyportError) return undefined;
    throw thrown;
  }
}

/** The tests write null for a component that is not there. */
function withoutEmpty(parts: unknown): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(parts as object).filter(([, value]) => value !== null && value !== undefined),
  );
}
