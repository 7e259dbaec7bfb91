import { SallyportError } from '../model/error.ts';

/** A file of the run's folder is not what was written there. */
export function changed(path: string, expected: string, found: string): SallyportError {
  return new SallyportError({
    code: 'SP-EVIDENCE-CHANGED',
    message: 'evidence changed while it was written',
    place: { path },
    expected,
    found,
    next: 'see what else writes into the folder of the run, and run again',
  });
}
