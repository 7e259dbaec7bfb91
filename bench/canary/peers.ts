/**
 * Rules of the kind that other controllers use, on one error rate a minute. They are written from those projects'
 * documentation, with their default or usual settings; they are not those programs.
 */
export interface PeerRule {
  /** One minute's counts. True: roll back now. */
  minute(canaryRequests: number, canaryErrors: number, baseRequests: number, baseErrors: number): boolean;
}

const THRESHOLD = 0.01;

/** Flagger: a check a minute, success rate at least 99 %; five failed checks in all, acted upon one interval later. */
export function flaggerLike(): PeerRule {
  let failed = 0;
  return {
    minute: (n, k) => {
      if (failed >= 5) return true;
      if (n > 0 && k / n > THRESHOLD) failed += 1;
      return false;
    },
  };
}

/** Argo Rollouts: an analysis with interval 60 s and failureLimit 3, which the fourth failure exceeds. */
export function argoLike(): PeerRule {
  let failed = 0;
  return {
    minute: (n, k) => {
      if (n > 0 && k / n > THRESHOLD) failed += 1;
      return failed > 3;
    },
  };
}

/**
 * Kayenta: every five minutes over all minutes so far, Mann-Whitney at 98 % with a tolerance of 0.25; fails where the
 * lower end of the interval of differences is above a quarter of the estimated difference. Empty groups pass.
 */
export function kayentaLike(): PeerRule {
  const canary: number[] = [];
  const base: number[] = [];
  return {
    minute: (nc, kc, nb, kb) => {
      if (nc > 0) canary.push(kc / nc);
      if (nb > 0) base.push(kb / nb);
      if (canary.length % 5 !== 0 || canary.length === 0 || base.length === 0) return false;
      return isHigh(canary, base);
    },
  };
}

function isHigh(canary: readonly number[], base: readonly number[]): boolean {
  const differences = new Float64Array(canary.length * base.length);
  let at = 0;
  for (const c of canary) for (const b of base) differences[at++] = c - b;
  differences.sort();
  const [m, n] = [canary.length, base.length];
  const z = 2.3263478740408408;
  const rank = Math.floor((m * n) / 2 - z * Math.sqrt((m * n * (m + n + 1)) / 12));
  const lower = differences[Math.max(0, rank)] ?? 0;
  const estimate = differences[Math.floor(differences.length / 2)] ?? 0;
  return lower > 0.25 * Math.abs(estimate);
}
