import type { Report } from './report.ts';
import { printableJson } from './text.ts';

/** Version of the form that `--report json` writes. A reader of one version reads every document of it. */
export const DOCUMENT_VERSION = 1;

const CHUNK = 64 * 1024;

/**
 * The report for programs (docs/reference/report.schema.json): one rule and one finding a line, in
 * chunks. What engines wrote in forms of their own is left out; it is in the SARIF files of the run.
 */
export function* renderJson(report: Report): Generator<string> {
  const { findings, ...decision } = report.decision;
  const head = { version: DOCUMENT_VERSION, tool: report.tool };
  yield `${printableJson(JSON.stringify(head)).slice(0, -1)},\n"rules":[`;
  yield* lines(report.rules);
  yield `],\n"decision":${printableJson(JSON.stringify(decision)).slice(0, -1)},\n"findings":[`;
  yield* lines(withoutForeign(findings));
  yield ']}}\n';
}

/** One at a time: of a large report only one is there twice. */
function* withoutForeign(findings: Report['decision']['findings']): Generator<unknown> {
  for (const one of findings) {
    if (one.finding.source === undefined) {
      yield one;
      continue;
    }
    const { source: _foreign, ...finding } = one.finding;
    yield { ...one, finding };
  }
}

function* lines(values: Iterable<unknown>): Generator<string> {
  let chunk = '';
  let separator = '\n';
  for (const value of values) {
    chunk += separator + JSON.stringify(value);
    separator = ',\n';
    if (chunk.length < CHUNK) continue;
    yield printableJson(chunk);
    chunk = '';
  }
  yield printableJson(chunk);
}
