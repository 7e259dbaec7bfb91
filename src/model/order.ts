/** Ascending, text by code units: the same order on every machine, whatever its locale. */
export function ascending<T extends string | number>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
