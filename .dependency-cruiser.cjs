/** Who may import whom. One row a folder: what it may import besides itself; `commands` and the front doors may all. */
const MATRIX = {
  model: [],
  versions: ['model'],
  platform: ['model'],
  policy: ['model', 'versions'],
  report: ['model', 'versions', 'platform'],
  audit: ['model', 'versions', 'platform'],
  deliver: ['model', 'versions', 'platform'],
  attest: ['model', 'versions', 'platform'],
  advisories: ['model', 'versions', 'platform'],
  sbom: ['model', 'versions', 'platform'],
  scan: ['model', 'versions', 'platform', 'sbom', 'advisories'],
  inventory: ['model', 'versions', 'platform', 'sbom'],
  gate: ['model', 'versions', 'platform', 'scan', 'sbom', 'advisories', 'policy', 'attest'],
};

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      // A type-only import is gone at run time; what is loaded must have an order.
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    { name: 'no-unresolved', severity: 'error', from: {}, to: { couldNotResolve: true } },
    ...Object.entries(MATRIX).map(([folder, allowed]) => ({
      name: `${folder}-imports`,
      comment: `src/${folder} may import ${allowed.length === 0 ? 'nothing else' : allowed.join(', ')}`,
      severity: 'error',
      from: { path: `^src/${folder}/` },
      to: { path: '^src/', pathNot: `^src/(?:${[folder, ...allowed].join('|')})/` },
    })),
    {
      name: 'throw-away-sigstore',
      comment: 'only the demo loads the Sigstore that anybody can sign with',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(?:commands/demo-release|attest/throw-away/)' },
      to: { path: '^src/attest/throw-away/|^node_modules/@sigstore/mock' },
    },
    {
      name: 'sources-only',
      comment: 'what is shipped does not import tests or scripts',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(?:test|scripts|examples)/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    parser: 'swc',
    exclude: { path: '\\.generated\\.ts$' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.cjs', '.mjs', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
