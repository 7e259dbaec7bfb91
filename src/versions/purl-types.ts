/** What a purl type asks of its components. Fields that are left out ask for nothing. */
export interface PurlTypeRules {
  namespace?: 'required' | 'prohibited';
  /** Names that stand alone although the type requires a namespace. */
  withoutNamespace?: RegExp;
  /** Components that are written in lower case. */
  lower?: readonly ('namespace' | 'name' | 'version' | 'subpath')[];
  /** Qualifiers that must be there. */
  qualifiers?: readonly string[];
  namePattern?: RegExp;
  versionPattern?: RegExp;
  /** How a name is written, where lower case is not all. */
  name?(name: string, qualifiers: Readonly<Record<string, string>>): string;
  /** How a namespace is written, where lower case is not all. */
  namespaceForm?(namespace: string): string;
  /** The first segment alone is the namespace; the name is a path. */
  pathName?: boolean;
}

const OWNER: PurlTypeRules = { namespace: 'required', lower: ['namespace', 'name'] };
const NAME_ONLY: PurlTypeRules = { namespace: 'prohibited' };

/**
 * The registered types (https://github.com/package-url/purl-spec, types/*-definition.json, state of 2026-08-21):
 * requirement and case of each component, and the rules that a definition states in words.
 */
export const purlTypes: ReadonlyMap<string, PurlTypeRules> = new Map<string, PurlTypeRules>([
  ['alpm', OWNER],
  ['apk', OWNER],
  ['bazel', NAME_ONLY],
  ['bitbucket', OWNER],
  ['bitnami', { namespace: 'prohibited', lower: ['name'] }],
  ['brew', { lower: ['namespace', 'name'] }],
  ['cargo', NAME_ONLY],
  [
    'chrome-extension',
    {
      namespace: 'prohibited',
      lower: ['name'],
      namePattern: /^[a-p]{32}$/u,
      versionPattern: /^\d+(?:\.\d+){0,3}$/u,
    },
  ],
  ['cocoapods', NAME_ONLY],
  ['composer', OWNER],
  ['conan', {}],
  ['conda', NAME_ONLY],
  // The author's identifier is in capitals; a name with :: is a module, not a distribution.
  ['cpan', { namespaceForm: (namespace) => namespace.toUpperCase(), namePattern: /^(?!.*::)/u }],
  ['cran', NAME_ONLY],
  ['deb', OWNER],
  ['docker', {}],
  ['gem', NAME_ONLY],
  ['generic', {}],
  ['git', { namespace: 'required', pathName: true }],
  ['github', OWNER],
  // The standard library is a module of one word, as SBOM tools and OSV name it; a host alone is a module path, too.
  ['golang', { namespace: 'required', withoutNamespace: /^(?:stdlib|toolchain)$|\./u }],
  ['hackage', NAME_ONLY],
  ['hex', { lower: ['namespace', 'name'] }],
  ['huggingface', { namespace: 'required', lower: ['version'] }],
  ['julia', { namespace: 'prohibited', qualifiers: ['uuid'] }],
  ['luarocks', { lower: ['namespace', 'name'] }],
  ['maven', { namespace: 'required' }],
  // Databricks does not tell case apart, Azure does.
  [
    'mlflow',
    {
      namespace: 'prohibited',
      name: (name, qualifiers) =>
        /databricks/iu.test(qualifiers.repository_url ?? '') ? name.toLowerCase() : name,
    },
  ],
  ['npm', {}],
  ['nuget', NAME_ONLY],
  ['oci', { namespace: 'prohibited', lower: ['name', 'version'] }],
  ['opam', NAME_ONLY],
  ['otp', { namespace: 'prohibited', lower: ['name', 'subpath'] }],
  ['pub', { namespace: 'prohibited', name: (name) => name.toLowerCase().replace(/[^a-z0-9_]/gu, '_') }],
  [
    'pypi',
    { namespace: 'prohibited', lower: ['version'], name: (name) => name.toLowerCase().replaceAll('_', '-') },
  ],
  ['qpkg', { namespace: 'required', lower: ['namespace'] }],
  ['rpm', { namespace: 'required', lower: ['namespace'] }],
  ['swid', { qualifiers: ['tag_id'] }],
  ['swift', { namespace: 'required' }],
  ['vcpkg', NAME_ONLY],
  ['vscode-extension', { namespace: 'required', lower: ['namespace', 'name', 'version'] }],
  ['yocto', { lower: ['namespace'] }],
]);
