import { type Problem, problemOf } from '../../model/error.ts';
import type { Skipped } from '../../model/report.ts';
import type { EngineInput } from '../engine.ts';
import type { ConfigurationOptions } from './options.ts';
import { decodeText, type SourceText } from './text.ts';

/** Reads files within the limits and keeps account of what was read and what was not. */
export class FileReader {
  readonly skipped: Skipped[] = [];
  readonly problems: Problem[] = [];
  readonly #input: EngineInput<ConfigurationOptions>;
  readonly #read = new Set<string>();
  #bytes = 0;

  constructor(input: EngineInput<ConfigurationOptions>) {
    this.#input = input;
  }

  get files(): number {
    return this.#read.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** The text of a file, or null; then `skipped` or `problems` says why. A file is read once. */
  async read(path: string): Promise<SourceText | null> {
    const { tree, options } = this.#input;
    if (this.#read.has(path)) return null;
    if (this.#read.size >= options.maxFiles) {
      this.skipped.push({
        path,
        reason: `more than ${options.maxFiles} files (option maxFiles)`,
        blocking: true,
      });
      return null;
    }
    let bytes: Buffer;
    try {
      bytes = await tree.read(path, options.maxFileBytes);
    } catch (thrown) {
      const problem = problemOf(thrown);
      const reason =
        problem.code === 'SP-FILE-TOO-LARGE'
          ? `larger than ${options.maxFileBytes} bytes (option maxFileBytes)`
          : problem.message;
      this.skipped.push({ path, reason, blocking: true });
      return null;
    }
    this.#read.add(path);
    this.#bytes += bytes.length;
    try {
      return decodeText(path, bytes);
    } catch (thrown) {
      this.problems.push(problemOf(thrown));
      return null;
    }
  }
}
