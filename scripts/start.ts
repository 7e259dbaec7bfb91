/** `npm start`: the demo; `npm start -- PATH`: the gate on a folder. */
import { cli } from '../src/cli.ts';

const args = process.argv.slice(2);
process.argv[1] = new URL('../src/bin.ts', import.meta.url).pathname;
void cli(args.length === 0 ? ['demo'] : ['gate', ...args]);
