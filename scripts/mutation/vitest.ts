/** What tests get that import `vitest`, where this folder's runner runs them: vitest's own expectations, without its runner. */
Object.assign(globalThis, {
  __vitest_worker__: { config: { expect: {} }, durations: {}, ctx: {}, filepath: '' },
});
const own = await import('../../node_modules/vitest/dist/index.js');
export const { expect, vi } = own;
export { afterAll, afterEach, beforeAll, beforeEach, describe, it } from './collected.ts';
