/** Random numbers for simulations: seeded, so that a figure can be made again. */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #d = 1;

  constructor(seed: number) {
    this.#a = seed | 0;
    this.#b = Math.imul(seed, 0x9e3779b9) | 0;
    this.#c = Math.imul(seed ^ 0x5bd1e995, 0x85ebca6b) | 0;
    for (let i = 0; i < 20; i += 1) this.uniform();
  }

  /** In [0, 1); sfc32 (C. Doty-Humphrey, PractRand). */
  uniform(): number {
    const t = (((this.#a + this.#b) | 0) + this.#d) | 0;
    this.#d = (this.#d + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (this.#c << 21) | (this.#c >>> 11);
    this.#c = (this.#c + t) | 0;
    return (t >>> 0) / 4294967296;
  }

  /** Successes among n independent trials, by the gaps between them: about n*p + 1 steps. */
  binomial(n: number, p: number): number {
    if (p <= 0 || n <= 0) return 0;
    if (p >= 1) return n;
    if (p > 0.5) return n - this.binomial(n, 1 - p);
    const scale = 1 / Math.log1p(-p);
    let at = 0;
    let count = 0;
    for (;;) {
      at += Math.floor(Math.log(1 - this.uniform()) * scale) + 1;
      if (at > n) return count;
      count += 1;
    }
  }
}
