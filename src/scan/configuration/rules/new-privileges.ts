import { entryOf, scalarsOf } from '../compose/yaml.ts';
import type { ComposeRule } from '../rule.ts';
import { define } from './define.ts';
import { lacking } from './lacking.ts';

export const newPrivileges: ComposeRule = {
  kind: 'compose',
  rule: define({
    id: 'SPC116',
    name: 'no-new-privileges-missing',
    summary: 'Services may gain rights through setuid programs',
    why: 'With no-new-privileges a process that was broken into cannot become root through a setuid program in the image.',
    help: 'Add `security_opt: ["no-new-privileges:true"]` to the services, or once under `x-…` as an anchor.',
    severity: 'low',
    tags: ['confinement', 'CWE-269', 'CIS-Docker-5.26'],
  }),
  check: (file) =>
    lacking(file, 'set no-new-privileges', ({ node }) =>
      scalarsOf(entryOf(node, 'security_opt')?.value).some(({ text }) =>
        /^no-new-privileges/u.test(text ?? ''),
      ),
    ),
};
