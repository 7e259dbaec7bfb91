import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { initialize } from '../../src/gate/init.ts';
import { isObject, type Json } from '../../src/model/json/values.ts';
import { REPOSITORY } from '../../src/model/version.ts';
import { temporaryFolder, testContext } from '../gate/support.ts';

const root = new URL('../../', import.meta.url).pathname;

/** Every workflow that we run, publish, write into a repository or show: its place, and its text. */
export async function renderedWorkflows(): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const folder of ['.github/workflows', 'workflows', 'examples'])
    for (const path of filesUnder(folder))
      if (/\.ya?ml$/u.test(path)) keep(found, path, readFileSync(join(root, path), 'utf8'));
  for (const path of [...filesUnder('docs'), 'README.md', 'CONTRIBUTING.md']) {
    if (!path.endsWith('.md')) continue;
    const blocks = readFileSync(join(root, path), 'utf8').matchAll(/^ *```ya?ml\n([\s\S]*?)^ *```/gmu);
    [...blocks].forEach(([, text = ''], index) => {
      keep(found, `${path}#${index + 1}`, text);
    });
  }
  const service = temporaryFolder();
  await initialize(service, 'baseline', testContext({ cwd: service }));
  const written = '.github/workflows/sallyport.yml';
  keep(found, `init: ${written}`, readFileSync(join(service, written), 'utf8'));
  return found;
}

function filesUnder(folder: string): string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => `${folder}/${name}`)
    .filter((path) => !path.includes('/node_modules/'));
}

/** Only what GitHub would take for a workflow. */
function keep(found: Map<string, string>, path: string, text: string): void {
  if (/^jobs:/mu.test(text)) found.set(path, text);
}

const AUTHORITY = ['id-token', 'packages', 'attestations', 'contents', 'deployments', 'actions'];
const OURS = new RegExp(
  `^(?:${REPOSITORY}|\\$|\\.)/(?:actions|\\.github/workflows)/[a-z./-]+(?:@\\S+)?$`,
  'u',
);
/** They run no code of the caller's: one reads the commit, the others move files. */
const CARRIERS = /^actions\/(?:checkout|download-artifact|upload-artifact)@[0-9a-f]{40}$/u;

/** Where a workflow gives an identity, or a token that can write, to a job that runs more than Sallyport (rule 5). */
export function offencesIn(text: string): string[] {
  const workflow: unknown = parse(text);
  const jobs = isObject(workflow) && isObject(workflow.jobs) ? workflow.jobs : null;
  if (!isObject(workflow) || jobs === null) return ['not a workflow'];
  return Object.entries(jobs).flatMap(([name, job]) =>
    isObject(job) ? offencesOf(name, job, workflow.permissions) : [`${name}: not a job`],
  );
}

function offencesOf(name: string, job: Json, inherited: unknown): string[] {
  const permissions = job.permissions ?? inherited;
  // What is not said is the repository's setting, which may be to write.
  if (permissions === undefined) return [`${name}: permissions are not said`];
  const held = isObject(permissions)
    ? AUTHORITY.filter((scope) => permissions[scope] === 'write')
    : permissions === 'read-all'
      ? []
      : [String(permissions)];
  if (held.length === 0) return [];
  const offences: string[] = [];
  const refuse = (what: string) => offences.push(`${name} has ${held.join(', ')} and ${what}`);
  for (const key of ['container', 'services', 'defaults']) if (job[key] !== undefined) refuse(`sets ${key}`);
  if (job.uses !== undefined && !OURS.test(String(job.uses))) refuse(`calls ${String(job.uses)}`);
  if (job.secrets === 'inherit') refuse('hands on every secret');
  for (const step of Array.isArray(job.steps) ? job.steps : []) {
    if (!isObject(step)) refuse('has a step that is none');
    else if (step.run !== undefined) refuse(`runs ${String(step.run).slice(0, 60)}`);
    else if (!OURS.test(String(step.uses)) && !CARRIERS.test(String(step.uses)))
      refuse(`uses ${String(step.uses)}`);
    else if (isCheckout(step) && withOf(step)['persist-credentials'] !== false)
      refuse('leaves the token of its checkout behind');
    else if (isCheckout(step) && withOf(step).ref !== undefined)
      refuse('checks out another commit than the token speaks of');
  }
  return offences;
}

function isCheckout(step: Json): boolean {
  return String(step.uses).startsWith('actions/checkout@');
}

function withOf(step: Json): Json {
  return isObject(step.with) ? step.with : {};
}
