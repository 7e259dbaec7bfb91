import type { DockerfileRule } from '../rule.ts';
import { optionNames } from '../shell/commands.ts';
import type { Word } from '../shell/model.ts';
import { define } from './define.ts';
import { installRule, unversioned } from './installs.ts';

/** Options without a value; every other one takes the next word. */
const BARE =
  /^--(?:no-.*|force|local|remote|both|quiet|silent|verbose|user-install|document|wrappers|env-shebang|conservative|minimal-deps|prerelease|pre|development|backtrace|debug|norc|suggestions|explain|lock|vendor|ri|rdoc|ignore-dependencies|post-install-message)$|^-[fbqVNEwl]+$/u;

export const gemUnversioned: DockerfileRule = {
  kind: 'dockerfile',
  rule: define(installRule('DL3028', 'gem-unversioned', 'gem', 'gem install rake:13.3.0')),
  check: (_file, context) =>
    unversioned(context, ({ invocation: { name, args } }) => {
      if (name !== 'gem') return null;
      const names = optionNames(args);
      if (names.has('v') || names.has('version') || names.has('file') || names.has('g')) return null;
      const [action, ...gems] = gemOperands(args);
      if (action?.text !== 'install' && action?.text !== 'i') return null;
      return gems.filter(({ text }) => !text.includes(':') && !text.endsWith('.gem'));
    }),
};

function gemOperands(args: Word[]): Word[] {
  const out: Word[] = [];
  for (let at = 0; at < args.length; at++) {
    const word = args[at];
    if (word === undefined || word.text === '--') break;
    if (!word.text.startsWith('-')) out.push(word);
    else if (!word.text.includes('=') && !BARE.test(word.text)) at++;
  }
  return out;
}
