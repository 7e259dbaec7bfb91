import type { Base, Dockerfile } from '../dockerfile/model.ts';

/** Every image that a build takes from elsewhere: FROM, `COPY --from=`, `RUN --mount=from=`; each reference once. */
export function baseUses(file: Dockerfile): { base: Base; keyword: string }[] {
  const seen = new Set<string>();
  const uses = [
    ...file.stages.map(({ base }) => ({ base, keyword: 'FROM' })),
    ...file.extraImages.map((base) => ({ base, keyword: base.instruction.keyword })),
  ];
  return uses.filter(({ base }) => {
    if (base.kind === 'stage' || base.kind === 'scratch' || seen.has(base.raw)) return false;
    seen.add(base.raw);
    return true;
  });
}

/** The reference as written, and what its variables make of it; digests shortened. */
export function describeBase(base: Base): string {
  const text = base.raw === base.expanded.value ? base.raw : `${base.raw} (${base.expanded.value})`;
  return text.replace(/(@sha256:[0-9a-f]{12})[0-9a-f]+/giu, '$1…').slice(0, 300);
}
