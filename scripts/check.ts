/** Types, lint, boundaries, dead code, generated files: everything that needs no test run. Says all that is wrong. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const bin = (name: string) => join(root, 'node_modules', '.bin', name);

interface Outcome {
  ok: boolean;
  output: string;
}

function run(file: string, args: string[]): Outcome {
  const result = spawnSync(file, args, {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, FORCE_COLOR: '0' },
  });
  return { ok: result.status === 0, output: `${result.stdout}${result.stderr}`.trim() };
}

const depcruise = (...paths: string[]) =>
  run(process.execPath, [bin('depcruise'), '--config', '.dependency-cruiser.cjs', ...paths]);

/** A checker that sees no modules passes everything: it must first find an offence that is planted for it. */
function boundaries(): Outcome {
  const planted = mkdtempSync(join(root, 'src', 'model', 'planted-'));
  try {
    writeFileSync(
      join(planted, 'offence.ts'),
      "import { systemClock } from '../../platform/clock.ts';\nexport const planted = systemClock;\n",
    );
    const seen = depcruise('src');
    if (seen.ok || !seen.output.includes('model-imports')) {
      return {
        ok: false,
        output: `the boundary checker does not see an offence that was planted for it:\n${seen.output}`,
      };
    }
  } finally {
    rmSync(planted, { recursive: true, force: true });
  }
  return depcruise('src', 'scripts', 'test');
}

const checks: [string, () => Outcome][] = [
  ['types', () => run(bin('tsc'), ['-p', 'tsconfig.json'])],
  ['lint and format', () => run(bin('biome'), ['check', '--error-on-warnings', '.'])],
  ['boundaries', boundaries],
  ['dead code', () => run(process.execPath, [bin('knip')])],
  ['generated files', () => run(process.execPath, ['scripts/generate.ts', '--check'])],
];

for (const [name, check] of checks) {
  const started = performance.now();
  const { ok, output } = check();
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  process.stdout.write(`${ok ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)\n`);
  if (ok) continue;
  process.stdout.write(`${output}\n`);
  process.exitCode = 1;
}
