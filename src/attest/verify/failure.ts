import { SallyportError } from '../../model/error.ts';

/**
 * A check that said no: the answer is known, and it is no (exit code 1). Everything else that stops a verification is
 * another SallyportError: no answer (exit code 2).
 */
export class VerificationFailed extends SallyportError {}

/** `code` begins with `SP-VERIFY`; `message` names the check in words that a release engineer understands. */
export function failed(
  code: string,
  message: string,
  parts: { expected?: string; found?: string; next?: string; cause?: unknown } = {},
): VerificationFailed {
  const { cause, ...problem } = parts;
  return new VerificationFailed({ code, message, ...problem }, { cause });
}
