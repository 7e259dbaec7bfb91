/** What is packed: both front doors over one set of commands. The stubs in dist/ and bin/ call them. */
export { action } from './action.ts';
export { cli } from './cli.ts';
