/** A test that contradicts its own specification. */
export interface Disputed {
  /** Suite and file. */
  file: string;
  type: string;
  input: unknown;
  /** What we answer instead; checked. Null: we refuse the input. */
  ours: unknown;
  /** The rule that the expected answer breaks, quoted, and where it stands. */
  rule: string;
}

const NPM = 'vers-spec/npm_range_from_native_test.json';
const CONAN = 'vers-spec/conan_range_from_native_test.json';
const MAVEN = 'vers-spec/maven_version_cmp_test.json';
const PYPI = 'vers-spec/pypi_range_validate_test.json';

const UNIQUE =
  'vers core specification, validation: "Versions are unique. Each version shall be unique in a range and can occur ' +
  'only once in any constraints component of VERS, regardless of the comparators."';
const ALTERNATE =
  'vers core specification, validation: "the sequence of constraints shall be an alternation of Greater-than and ' +
  'Lesser-than comparators"';
const PARTIAL =
  'vers types, npm: "npm uses "node-semver"", whose README says: "A partial version range is treated as an X-Range, ' +
  'so the special character is in fact optional", and "1.2.x := >=1.2.0 <1.3.0-0"';
const AT_LEAST =
  'vers types, npm: "npm uses "node-semver"", whose README says ">= Greater than or equal to": the comparison with a ' +
  'partial version has no upper bound (node-semver reads >= 2.2.x as >=2.2.0)';
const INTERSECTION =
  'vers types, npm: "npm uses "node-semver"", whose README says: "Comparators can be joined by whitespace to form a ' +
  'comparator set, which is satisfied by the intersection of all of the comparators it includes."';
const MAVEN_ORDER =
  'Maven POM reference, version order specification: "else .qualifier = -qualifier < -number < .number", and "trailing ' +
  'null values are trimmed. This process is repeated at each remaining hyphen": 2.0.a and 2.0.0.a are both 2-a';

/** Named by file and input. */
export const disputed: readonly Disputed[] = [
  {
    file: 'purl-spec/types/git-test.json',
    type: 'validate',
    input: 'pkg:git/github/Package-url/purl-Spec@244fd47e07d1004f0aed9c',
    ours: 'pkg:git/github/Package-url/purl-Spec@244fd47e07d1004f0aed9c',
    rule:
      'types/git-definition.json: "case_sensitive": true for namespace and name; the schema says: "true if this PURL ' +
      'component is case sensitive. If false, the canonical form shall be lowercased."',
  },
  {
    file: 'purl-spec/types/maven-test.json',
    type: 'parse',
    input: 'pkg:Maven/org.apache.xmlgraphics/batik-anim@1.9.1?type=pom&repositorY_url=repo.spring.io/release',
    ours: null,
    rule:
      'purl core specification, qualifiers: "The key shall be composed only of lowercase ASCII letters and numbers, ' +
      'period, dash and underscore"; the required tests of gem and rpm demand that a key in capitals is refused',
  },
  {
    file: CONAN,
    type: 'from_native',
    input: { native_range: '', scheme: 'conan' },
    ours: 'vers:conan/>=0.0.0',
    rule: 'vers, how to parse: "Tools validate that this constraints string is not empty after splitting."',
  },
  {
    file: CONAN,
    type: 'from_native',
    input: { native_range: '<0.33.1||>0.33.1 <0.34.1', scheme: 'conan' },
    ours: 'vers:conan/!=0.33.1|<0.34.1',
    rule: UNIQUE,
  },
  {
    file: 'vers-spec/nginx_range_from_native_test.json',
    type: 'from_native',
    input: { native_range: '1.5.0+, 1.4.1+', scheme: 'nginx' },
    ours: 'vers:nginx/>=1.4.1',
    rule: UNIQUE,
  },
  ...(
    [
      ['<= 1.0', 'vers:npm/<1.1.0', PARTIAL],
      ['>= 0.2.0 <= 0.9.6 || ~0.8.0-pre', 'vers:npm/>=0.2.0|<=0.9.6', ALTERNATE],
      ['>= 2.2.x', 'vers:npm/>=2.2.0', AT_LEAST],
      ['2.0.x || 2.1.x', 'vers:npm/>=2.0.0|<2.2.0', UNIQUE],
      [
        '^2.0.18 || ^3.0.16 || ^3.1.6 || ^4.0.8 || ^5.0.0-beta.5',
        'vers:npm/>=2.0.18|<3.0.0|>=3.0.16|<4.0.0|>=4.0.8|<6.0.0',
        ALTERNATE,
      ],
      ['<2.0.18 || <3.0.16 || <3.1.6 || <4.0.8 || <5.0.0-beta.5', 'vers:npm/<5.0.0-beta.5', ALTERNATE],
      ['>=5.0.3 >=4.2.1', 'vers:npm/>=5.0.3', ALTERNATE],
      ['>= 1.x', 'vers:npm/>=1.0.0', AT_LEAST],
      ['<2.0.1 || <1.1.7', 'vers:npm/<2.0.1', ALTERNATE],
      ['>= 5.2.1 <= 6.0.0 || >=6.0.0 <= 6.0.2', 'vers:npm/>=5.2.1|<=6.0.2', UNIQUE],
      ['2.1 || 2.6', 'vers:npm/>=2.1.0|<2.2.0|>=2.6.0|<2.7.0', PARTIAL],
      ['1.1.2 1.2.2', 'vers:none/*', INTERSECTION],
      ['<=2.1 >=1.1', 'vers:npm/>=1.1.0|<2.2.0', PARTIAL],
    ] as const
  ).map(([native, ours, rule]) => ({
    file: NPM,
    type: 'from_native',
    input: { native_range: native, scheme: 'npm' },
    ours,
    rule,
  })),
  ...(
    [
      [
        ['2-1', '2.0.a'],
        ['2.0.a', '2-1'],
      ],
      [
        ['2-1', '2.0.0.a'],
        ['2.0.0.a', '2-1'],
      ],
      // Equal, so the order in which they are given stays.
      [
        ['2.0.0.a', '2.0.a'],
        ['2.0.0.a', '2.0.a'],
      ],
    ] as const
  ).map(([versions, ours]) => ({
    file: MAVEN,
    type: 'comparison',
    input: { input_scheme: 'maven', versions },
    ours,
    rule: MAVEN_ORDER,
  })),
  ...(
    [
      ['vers:pypi/>0.0.0|>=0.0.1|0.0.2|<0.0.3|0.0.4|<0.0.5|>=0.0.6', ALTERNATE],
      ['vers:pypi/>0.0.0|>=0.0.1|>=0.0.1|0.0.2|0.0.3|0.0.4|<0.0.5|<=0.0.6|!=0.7|8.0|>12|<15.3', UNIQUE],
      ['vers:pypi/>0.0.0|>=0.0.1|0.0.2|0.0.3|0.0.4|<0.0.5|>=0.0.6|!=0.8', ALTERNATE],
    ] as const
  ).map(([input, rule]) => ({ file: PYPI, type: 'validate', input, ours: null, rule })),
];
