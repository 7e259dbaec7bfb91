import { isDeepStrictEqual } from 'node:util';
import { SallyportError } from '../../src/model/error.ts';
import { contains } from '../../src/versions/range.ts';
import { schemeNamed } from '../../src/versions/registry.ts';
import { formatVers, normaliseVers, parseVers, rangeOfVers, versOfRange } from '../../src/versions/vers.ts';

/** A test of the vers specification (schemas/vers-test.schema-0.2.json there). */
export interface VersCase {
  test_type: 'comparison' | 'equality' | 'from_native' | 'containment' | 'validate' | 'parse';
  test_group: 'required' | 'recommended';
  input: unknown;
  expected_output?: unknown;
  expected_failure?: boolean;
}

interface Versions {
  input_scheme: string;
  versions: string[];
}

/** `pass`, or what differs. */
export function checkVers(test: VersCase): string {
  if (test.test_type === 'comparison') return checkComparison(test);
  const outcome = attempt(test);
  if (test.expected_failure)
    return outcome === undefined ? 'pass' : `expected a failure, got ${JSON.stringify(outcome)}`;
  if (isDeepStrictEqual(outcome, test.expected_output)) return 'pass';
  return `expected ${JSON.stringify(test.expected_output)}, got ${JSON.stringify(outcome ?? null)}`;
}

function attempt(test: VersCase): unknown {
  try {
    return run(test);
  } catch (thrown) {
    if (thrown instanceof SallyportError) return undefined;
    throw thrown;
  }
}

function run({ test_type: type, test_group: group, input }: VersCase): unknown {
  // Recommended tests put right what is not canonical; required ones demand that it is refused.
  const read = group === 'recommended' ? normaliseVers : parseVers;
  switch (type) {
    case 'equality': {
      const { scheme, versions } = readVersions(input as Versions);
      const [a, b] = versions;
      return a !== undefined && b !== undefined && scheme.compare(a, b) === 0;
    }
    case 'from_native': {
      const { scheme, native_range: text } = input as { scheme: string; native_range: string };
      const range = schemeNamed(scheme).parseNativeRange?.(text);
      if (range === undefined) throw new Error(`no native ranges for ${scheme}`);
      return formatVers(versOfRange(range));
    }
    case 'containment': {
      const { vers, version } = input as { vers: string; version: string };
      const range = rangeOfVers(read(vers));
      return contains(range, range.scheme.parse(version));
    }
    case 'validate':
      return formatVers(read(String(input)));
    case 'parse': {
      const { type: scheme, constraints } = parseVers(String(input));
      if (constraints === '*') return { scheme, version_constraints: '*' };
      return {
        scheme,
        version_constraints: constraints.map(({ comparator, version }) => [comparator, version]),
      };
    }
    case 'comparison':
      throw new Error('comparisons are checked on their own');
  }
}

/**
 * The tests give the sorted versions, for NuGet in lower case: an element may therefore be written differently, if
 * the order says that it is the same version.
 */
function checkComparison(test: VersCase): string {
  const { scheme, versions } = readVersions(test.input as Versions);
  const sorted = versions.toSorted(scheme.compare);
  const expected = test.expected_output as string[];
  const equal =
    sorted.length === expected.length &&
    sorted.every((version, i) => {
      const text = expected[i] ?? '';
      return (
        version.text === text ||
        (scheme.name === 'nuget' && scheme.compare(version, scheme.parse(text)) === 0)
      );
    });
  return equal
    ? 'pass'
    : `expected ${JSON.stringify(expected)}, got ${JSON.stringify(sorted.map(({ text }) => text))}`;
}

function readVersions({ input_scheme: name, versions }: Versions) {
  const scheme = schemeNamed(name);
  return { scheme, versions: versions.map((text) => scheme.parse(text)) };
}
