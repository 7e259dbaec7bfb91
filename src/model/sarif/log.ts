import { SallyportError } from '../error.ts';
import { isObject, type Json, objectsOf } from '../json/values.ts';
import type { ReportHead } from '../report.ts';
import type { RunOptions } from './run-reader.ts';
import { LOG_MEMBER, SARIF_SCHEMA_URI, SARIF_VERSION } from './schema.ts';
import { sarifLog } from './shape.ts';

/** The frame of a log, checked. Throws SP-SARIF-VERSION, -SHAPE or -EXTERNAL with the place in the file. */
export function checkedLog(skeleton: unknown, placeOf: RunOptions['placeOf']): Json {
  const version = isObject(skeleton) ? skeleton.version : undefined;
  const parsed = sarifLog.safeParse(skeleton);
  if (parsed.success && isObject(skeleton)) {
    refuseElsewhere(skeleton, placeOf);
    return skeleton;
  }
  const issue = parsed.error?.issues[0];
  const steps = issue?.path ?? [];
  const wrongVersion = steps[0] === 'version';
  throw new SallyportError({
    code: wrongVersion ? 'SP-SARIF-VERSION' : 'SP-SARIF-SHAPE',
    message: wrongVersion
      ? 'this version of SARIF is not read'
      : `not a SARIF log: ${steps.join('.') || 'the document'}`,
    expected: wrongVersion ? `version "${SARIF_VERSION}"` : (issue?.message ?? 'a SARIF log'),
    ...(wrongVersion ? { found: JSON.stringify(version) ?? 'no version' } : {}),
    place: placeOf(steps),
    next: 'check the file with a SARIF validator, or update the tool that wrote it',
  });
}

/** Results that are kept in another file, or outside of the runs, would be passed over silently. */
function refuseElsewhere(log: Json, placeOf: RunOptions['placeOf']): void {
  const inline = objectsOf(log.inlineExternalProperties).findIndex((entry) => entry.results !== undefined);
  const external = objectsOf(log.runs).findIndex((run) => {
    const references = run.externalPropertyFileReferences;
    return isObject(references) && references.results !== undefined;
  });
  if (inline === -1 && external === -1) return;
  const steps =
    inline === -1
      ? ['runs', external, 'externalPropertyFileReferences', 'results']
      : ['inlineExternalProperties', inline, 'results'];
  throw new SallyportError({
    code: 'SP-SARIF-EXTERNAL',
    message: 'results of this log stand outside of its runs',
    expected: '`results` in the run itself',
    place: placeOf(steps),
    next: 'let the tool write one self-contained file',
  });
}

/** Members of the log itself go with its first report. */
export function keepLog(log: Json, head: ReportHead | undefined): void {
  const { version: _version, runs: _runs, ...rest } = log;
  if (head === undefined || rest.$schema === SARIF_SCHEMA_URI) delete rest.$schema;
  if (head !== undefined && Object.keys(rest).length > 0)
    head.source = { ...head.source, [LOG_MEMBER]: rest };
}
