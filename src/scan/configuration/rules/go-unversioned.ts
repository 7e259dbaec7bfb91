import type { DockerfileRule } from '../rule.ts';
import { operands } from '../shell/commands.ts';
import { define } from './define.ts';
import { installRule, unversioned } from './installs.ts';

const VALUED = new Set(
  'C o p asmflags buildmode buildvcs compiler gccgoflags gcflags installsuffix ldflags mod modfile overlay pgo pkgdir tags toolexec exec modcacherw'.split(
    ' ',
  ),
);

export const goUnversioned: DockerfileRule = {
  kind: 'dockerfile',
  rule: define(
    installRule('DL3062', 'go-unversioned', 'go', 'go install golang.org/x/tools/cmd/goimports@v0.38.0'),
  ),
  check: (_file, context) =>
    unversioned(context, ({ invocation: { name, args } }) => {
      if (name !== 'go') return null;
      const [action, ...packages] = operands(args, VALUED);
      switch (action?.text) {
        case 'install':
        case 'get':
          return packages.filter(({ text }) => text !== 'tool' && isOpen(text));
        case 'run':
          return packages.slice(0, 1).filter(({ text }) => isOpen(text));
        default:
          return null;
      }
    }),
};

/** A package of the standard library or the module itself has no dot in its first part and is not fetched. */
function isOpen(text: string): boolean {
  if (/^[./]|\.go$/u.test(text)) return false;
  const at = text.indexOf('@');
  return at === -1 ? text !== 'all' : /^(?:latest|none|upgrade|patch|main|master)$/u.test(text.slice(at + 1));
}
