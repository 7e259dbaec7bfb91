export interface Part {
  /** What is changed. */
  mutate: string[];
  /** Tests that are to notice, the quick ones first. */
  tests: string[];
}

/** Each part with the tests that are about it: tests of whole gates around every change would take days. */
export const parts: Record<string, Part> = {
  policy: {
    mutate: ['src/policy/**/*.ts', '!src/policy/**/*.generated.ts'],
    tests: ['test/policy/**/*.test.ts'],
  },
  'release-evidence': {
    mutate: ['src/gate/release/{assemble,handed-over,policy,statements}.ts'],
    tests: ['test/gate/release/{evidence-files,assemble,statements,policy}.test.ts'],
  },
  elsewhere: {
    mutate: ['src/gate/release/elsewhere.ts'],
    tests: ['test/gate/release/elsewhere.test.ts'],
  },
  release: {
    mutate: ['src/gate/release/{advisories,release}.ts'],
    tests: ['test/gate/release/run.test.ts', 'test/gate/release/vex.test.ts'],
  },
  deploy: {
    mutate: ['src/gate/deploy/*.ts', 'src/gate/attested-vex.ts', 'src/gate/release/ground.ts'],
    tests: [
      'test/gate/attested-vex.test.ts',
      'test/gate/deploy/*.test.ts',
      'test/gate/release/{ground,deploy,vex}.test.ts',
    ],
  },
  base: {
    mutate: ['src/gate/{base,fork}.ts'],
    tests: ['test/gate/{base,fork}.test.ts'],
  },
  collect: {
    mutate: ['src/gate/{collect,scan,committed-lines}.ts'],
    tests: ['test/gate/collect.test.ts'],
  },
  'handed-in': {
    mutate: ['src/gate/handed-in{,-failed,-thread,-worker}.ts'],
    tests: ['test/gate/{handed-in,handed-in-thread}.test.ts'],
  },
  kept: {
    mutate: ['src/gate/{evidence,read-back,runs,statements,vulnerabilities}.ts'],
    tests: ['test/gate/{kept,runs}.test.ts'],
  },
  plan: {
    mutate: ['src/gate/{plan,dependency-notes}.ts'],
    tests: ['test/gate/{plan,dependency-notes}.test.ts'],
  },
  subject: {
    mutate: ['src/gate/{subject,vex,checkout}.ts'],
    tests: ['test/gate/subject.test.ts'],
  },
  run: {
    mutate: ['src/gate/{run,job-name}.ts'],
    tests: ['test/gate/run.test.ts'],
  },
  'setting-up': {
    mutate: ['src/gate/{baseline,engines,fix,hook,init,staged}.ts'],
    tests: ['test/gate/setting-up.test.ts'],
  },
  bom: {
    mutate: ['src/gate/{bom,look-up}.ts'],
    tests: ['test/gate/bom.test.ts'],
  },
  'policy-source': {
    mutate: ['src/gate/{outside-policy,policy-layers,policy-source}.ts'],
    tests: ['test/gate/policy-source.test.ts'],
  },
};
