import type { ComposeFile, Service } from '../compose/model.ts';
import type { RuleHit } from '../rule.ts';

/**
 * One hit a file for the services that lack a protection: a line for each of them would bury everything else.
 * Services that only change or continue another one are left out, since the protection may stand there.
 */
export function* lacking(
  file: ComposeFile,
  what: string,
  has: (service: Service) => boolean,
): Iterable<RuleHit> {
  const whole = file.services.filter(({ partial, extends: continues }) => !partial && !continues);
  const without = whole.filter((service) => !has(service));
  const [first, ...others] = without;
  if (first === undefined) return;
  const names = without.slice(0, 5).map(({ name }) => name.slice(0, 60));
  const more = without.length > 5 ? ` and ${without.length - 5} more` : '';
  yield {
    message: `${names.join(', ')}${more} ${without.length === 1 ? 'does' : 'do'} not ${what}`,
    at: first.nameSpan,
    more: others.map(({ nameSpan }) => nameSpan),
    context: `without ${what}: ${without.map(({ name }) => name).join(' ')}`,
  };
}
