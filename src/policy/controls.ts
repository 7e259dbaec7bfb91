import type { CompiledPolicy, CompiledRule } from './compile.ts';
import { standards } from './packs.generated.ts';

/** Standard, control, and the rules on which it rests; a control that our map does not know is shown as it stands. */
export function controlTable(compiled: CompiledPolicy): string {
  const byControl = new Map<string, CompiledRule[]>();
  for (const rule of compiled.rules.values()) {
    for (const control of rule.controls) byControl.set(control, [...(byControl.get(control) ?? []), rule]);
  }
  const names = [
    ...new Set([...byControl.keys()].map((control) => control.slice(0, control.indexOf(':')))),
  ].sort();
  const lines = names.flatMap((name) => {
    const standard = Object.hasOwn(standards, name) ? standards[name] : undefined;
    const controls = [...byControl]
      .filter(([control]) => control.startsWith(`${name}:`))
      .sort(([a], [b]) => (a < b ? -1 : 1));
    return [
      standard?.title ?? name,
      ...controls.flatMap(([control, rules]) => {
        const id = control.slice(name.length + 1);
        const asks =
          standard !== undefined && Object.hasOwn(standard.controls, id)
            ? standard.controls[id]
            : 'not in our map';
        return [
          `  ${id}  ${asks}`,
          ...rules.map(
            (rule) => `      ${rule.id}: ${rule.action} over each ${rule.over} ${gatesOf(compiled, rule.id)}`,
          ),
        ];
      }),
      '',
    ];
  });
  return lines.length === 0 ? 'no rule of this policy names a control\n' : lines.join('\n');
}

function gatesOf(compiled: CompiledPolicy, id: string): string {
  const gates = [...compiled.policy.gateRules.keys()]
    .filter((key) => key.endsWith(`/${id}`))
    .map((key) => key.slice(0, key.indexOf('/')));
  return gates.length === 0 ? '(counts at no gate)' : `at ${gates.join(', ')}`;
}
