import { SallyportError } from '../model/error.ts';

/** Inputs that a gate does not take: they would do nothing. Throws SP-USAGE where one of `names` is given. */
export function refuseInputs(
  gate: string,
  inputs: Readonly<Record<string, unknown>>,
  names: readonly string[],
): void {
  const given = names.find((name) => {
    const value = inputs[name];
    return value !== undefined && value !== false && !(Array.isArray(value) && value.length === 0);
  });
  if (given === undefined) return;
  throw new SallyportError({
    code: 'SP-USAGE',
    message: `--${given.replace(/[A-Z]/gu, (letter) => `-${letter.toLowerCase()}`)} does nothing at the ${gate} gate`,
    next: 'sallyport help gate says which gate takes what',
  });
}
