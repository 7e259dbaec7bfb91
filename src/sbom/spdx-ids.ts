/** SPDX ids are letters, digits, dots and dashes; two refs that become one text are told apart by a number. */
export class SpdxIds {
  readonly #byRef = new Map<string, string>();
  readonly #taken = new Set<string>();

  of(ref: string): string {
    const known = this.#byRef.get(ref);
    if (known !== undefined) return known;
    const base = `SPDXRef-Package-${ref
      .replace(/^pkg:/u, '')
      .replace(/[^A-Za-z0-9.-]+/gu, '-')
      .slice(0, 200)}`;
    let id = base;
    for (let n = 2; this.#taken.has(id); n++) id = `${base}-${n}`;
    this.#taken.add(id);
    this.#byRef.set(ref, id);
    return id;
  }
}
