import { type Problem, problemOf } from '../../model/error.ts';

export type Done<Item, Result> =
  | { item: Item; result: Result; problem: null }
  | { item: Item; result: null; problem: Problem };

/** How many are signed at once: a log that batches answers all of them with its next checkpoint. */
const AT_ONCE = 50;

/** Works through all items, some at once; one that fails does not stop the others. In the order of `items`. */
export async function eachBounded<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
  atOnce = AT_ONCE,
): Promise<Done<Item, Result>[]> {
  const done: Done<Item, Result>[] = new Array(items.length);
  let next = 0;
  const worker = async () => {
    while (next < items.length) {
      const index = next++;
      const item = items[index] as Item;
      try {
        done[index] = { item, result: await work(item), problem: null };
      } catch (thrown) {
        done[index] = { item, result: null, problem: problemOf(thrown) };
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
  return done;
}
