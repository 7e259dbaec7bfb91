import type { Problem } from '../error.ts';
import { SallyportError } from '../error.ts';
import { beyond } from '../json/lossless.ts';
import { isObject, type Json, objectsOf } from '../json/values.ts';
import type { Place } from '../location.ts';
import type { ReportHead } from '../report.ts';
import type { FindingStage } from '../stage.ts';
import { accountOf, lookedOf, type RunAccount, stateOfRun } from './outcome.ts';
import { PlaceReader } from './places.ts';
import { mayHoldSecret, redactResult, redactRun } from './redact.ts';
import { renderResult, renderRun } from './render.ts';
import { isFinding, type ReadResult, type ResultContext, readResult } from './result.ts';
import { RuleBook } from './rules.ts';
import { engineOf, overridesOf, timesOf } from './run.ts';
import { LOG_MEMBER, RUN_PROPERTY, type SarifRun, withoutOurs } from './schema.ts';
import { type OwnRun, ownRun } from './shape.ts';
import { sarifTool } from './tools/registry.ts';
import { driverRules, ruleIndexes } from './write.ts';

/** What a run is read with; `ReadSarifOptions` says what is what. */
export interface RunOptions {
  stage: FindingStage;
  lineAt?: ((path: string, line: number) => string | undefined) | undefined;
  renames?: Readonly<Record<string, string>> | undefined;
  root?: string | undefined;
  origin?: 'own' | 'handed-in' | undefined;
  readAt?: string | undefined;
  /** sha256 of the log, hex. */
  digest: string;
  /** Which run of the log this is. */
  index: number;
  /** Where something stands in the log, for messages. */
  placeOf(steps: readonly PropertyKey[]): Place;
}

/** Reads one run of a log: its results one by one, and what it says of itself. */
export class RunReader {
  readonly #run: SarifRun;
  readonly #options: RunOptions;
  readonly #claims: OwnRun | undefined;
  readonly #account: RunAccount;
  readonly #head: ReportHead;
  readonly #context: ResultContext;
  readonly #indexes: ReadonlyMap<string, number>;
  /** Whether it has a list of results at all, be it empty. */
  readonly #stated: boolean;
  readonly #others: Json[] = [];

  /** Takes `run` over and changes it; its results may be left out of it. Throws SP-SARIF-SHAPE. */
  constructor(run: SarifRun, options: RunOptions) {
    const { stage, lineAt, root } = options;
    this.#run = run;
    this.#options = options;
    const { driver } = run.tool;
    const tool = sarifTool(driver.name);
    const claims = claimsOf(run, options);
    this.#claims = claims;
    const own = options.origin === 'own' && claims !== undefined;
    const engine = engineOf(run, tool, own ? claims : undefined, options.digest);
    const places = new PlaceReader({
      bases: isObject(run.originalUriBaseIds) ? run.originalUriBaseIds : {},
      artifacts: Array.isArray(run.artifacts) ? run.artifacts : [],
      root,
      codePoints: run.columnKind === 'unicodeCodePoints',
      lineAt,
      renames: options.renames,
    });
    this.#account = accountOf(run, engine.name, places);
    const book = new RuleBook(run, tool, own);
    const looked = own ? claims.looked : lookedOf(run, tool, book.rules.length, this.#account.skipped);
    const time = timesOf(run, own ? claims : undefined, options.readAt);
    this.#head = {
      stage,
      state: 'error',
      engine,
      looked,
      startedAt: time.startedAt,
      finishedAt: time.finishedAt,
      rules: book.rules,
      problems: [],
    };
    this.#stated = Array.isArray(run.results);
    redactRun(run, stage);
    delete run.results;
    delete run[LOG_MEMBER];
    withoutOurs(run, 'properties');
    this.#indexes = ruleIndexes(restoreRun(this.#head, run));
    this.#context = {
      stage,
      engine: engine.name,
      own,
      tool,
      driver,
      book,
      places,
      overrides: overridesOf(run, book),
      lineAt,
    };
  }

  get engine(): string {
    return this.#head.engine.name;
  }

  /** Whether it is one of ours, with our own account of it. */
  get own(): boolean {
    return this.#context.own;
  }

  /**
   * The result at `position`, the same however often it is read; null for one that is no finding. Throws SP-SARIF-SHAPE.
   */
  read(raw: unknown, position: number): ReadResult | null {
    if (!isObject(raw)) throw badResult(this.#options, position);
    return isFinding(raw) ? readResult(raw, this.#context) : null;
  }

  /** Keeps a result that is no finding, for whoever reads the report next. */
  keepOther(raw: Json): void {
    this.#others.push(mayHoldSecret(this.#head.stage, raw, undefined) ? redactResult(raw) : raw);
  }

  /** The result as it is kept, without what stands in it under our own names. */
  original({ kept }: ReadResult): Json {
    withoutOurs(kept, 'properties', 'partialFingerprints');
    return kept;
  }

  /** What the result says beyond the finding that was read from it; undefined where it says no more. */
  beyond(result: ReadResult): unknown {
    const { finding } = result;
    return beyond(this.original(result), renderResult(finding, this.#indexes.get(finding.rule)));
  }

  /** The report, once the run was read to its end and had so many findings. */
  end(findings: number): ReportHead {
    const head = this.#head;
    const run = this.#run;
    const others = this.#others;
    const { own } = this.#context;
    head.state = stateOfRun(this.#account, this.#claims, head.looked, findings, others.length > 0);
    head.problems = problemsOf(head, this.#account.problems, own ? this.#claims : undefined);
    const rules = driverRules(head, run);
    // Descriptors that are the model's rules one by one are kept with these; else the list is kept whole.
    const descriptors = objectsOf(run.tool.driver.rules);
    if (descriptors.length === rules.length && rules.every((rule, at) => rule.id === descriptors[at]?.id)) {
      run.tool.driver.rules = rules as (Json & { id: string })[];
    }
    const source = beyond(run, renderRun(head, rules));
    if (isObject(source)) head.source = source;
    // A run without results is told apart from one with an empty list when it is written back.
    if (!this.#stated) head.source = { ...head.source, results: null };
    if (others.length > 0) head.source = { ...head.source, results: others };
    return head;
  }
}

/** The run as the writer will give it back, for the positions of its rules. */
function restoreRun(report: ReportHead, run: SarifRun): Json {
  const rules = run.tool.driver.rules;
  return Array.isArray(rules) ? run : renderRun(report, driverRules(report, run));
}

function claimsOf(run: SarifRun, { origin, stage, index, placeOf }: RunOptions): OwnRun | undefined {
  const properties = isObject(run.properties) ? run.properties : {};
  if (!Object.hasOwn(properties, RUN_PROPERTY)) return undefined;
  const parsed = ownRun.safeParse(properties[RUN_PROPERTY]);
  if (origin !== 'own') return parsed.data;
  // As it stands, in its own order, so that writing it again gives the same bytes.
  if (parsed.success && parsed.data.stage === stage) return properties[RUN_PROPERTY] as OwnRun;
  const issue = parsed.error?.issues[0];
  const steps = [
    'runs',
    index,
    'properties',
    RUN_PROPERTY,
    ...(issue?.path ?? (parsed.success ? ['stage'] : [])),
  ];
  throw new SallyportError({
    code: 'SP-SARIF-SHAPE',
    message: 'our own account of this run cannot be read',
    expected: issue?.message ?? `stage "${stage}"`,
    place: placeOf(steps),
    next: 'run the stage again with this version',
  });
}

function problemsOf(report: ReportHead, account: Problem[], claims: OwnRun | undefined): Problem[] {
  // The account of our own runs is made from what they claim; it counts where they claim to be well.
  if (claims?.state === report.state) return claims.problems;
  if (account.length > 0) return account;
  const { name } = report.engine;
  if (report.state === 'error') {
    return [
      { code: 'SP-SARIF-TOOL-ERROR', message: `${name} says of itself that its run ended in an error` },
    ];
  }
  if (report.state !== 'nothing-scanned') return [];
  return [
    {
      code: 'SP-SARIF-NOTHING-SCANNED',
      message: `${name} found nothing and names nothing that it looked at`,
      expected: 'results, or `artifacts` that list the files looked at',
      next: `check that ${name} was pointed at the right folder, and let it list its artifacts`,
    },
  ];
}

function badResult({ index, placeOf }: RunOptions, position: number): SallyportError {
  return new SallyportError({
    code: 'SP-SARIF-SHAPE',
    message: 'a result of this log is not an object',
    expected: 'a SARIF result: an object',
    place: placeOf(['runs', index, 'results', position]),
    next: 'check the file with a SARIF validator, or update the tool that wrote it',
  });
}
