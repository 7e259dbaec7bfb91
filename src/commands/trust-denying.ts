import { resolve } from 'node:path';
import { believed, DENY_LIST_TYPE, nextDenyList } from '../attest/deny-list.ts';
import { signVerified } from '../attest/sign/signed.ts';
import { readBundle } from '../attest/verify/bundle.ts';
import { oneBundle } from '../gate/release/ground.ts';
import type { Context } from '../platform/context.ts';
import type { CommandResult } from './command.ts';
import { openSession, type SigningChoice } from './signing-inputs.ts';
import { trustGround } from './trust-shared.ts';

interface DenyInputs extends SigningChoice {
  digests: readonly string[];
  signer: readonly string[];
  list: string;
  days: number;
  policy: string;
  reason: string;
}

/** The next list goes on from a list that can be believed, and is only kept if the policy trusts its signer. */
export async function deny(inputs: DenyInputs, context: Context): Promise<CommandResult> {
  const { expectation } = await trustGround(inputs, context);
  const path = resolve(context.cwd, inputs.list);
  const there = await context.files.exists(path);
  const before = there ? await believed(await oneBundle(inputs.list, context), expectation) : null;
  const now = context.clock.now();
  const because = (names: readonly string[]) => new Map(names.map((name) => [name, inputs.reason]));
  const statement = nextDenyList(
    before,
    {
      digests: because(inputs.digests.map((digest) => digest.slice('sha256:'.length))),
      signers: because(inputs.signer),
    },
    new Date(now.getTime() + inputs.days * 86_400_000),
    now,
  );
  const digest = statement.subject[0]?.digest.sha256 ?? '';
  const opened = await openSession(inputs, context);
  const { json } = await signVerified(
    {
      signable: { kind: 'statement', payload: Buffer.from(JSON.stringify(statement)) },
      predicateType: DENY_LIST_TYPE,
    },
    { text: inputs.list, artifact: { name: 'deny-list', digests: { sha256: digest }, data: null } },
    opened,
    context,
  );
  const found = { where: inputs.list, bundle: readBundle(Buffer.from(json), inputs.list), document: null };
  const list = await believed(found, { ...expectation, now: context.clock.now() });
  await context.files.write(path, [json]);
  context.out(
    `deny-list ${list.number}, until ${list.expires.toISOString()}: ${list.digests.size} digests, ${list.signers.size} signers\n`,
  );
  context.log.info(`a policy that asks for it should say denyList.minimum: ${list.number} from now on`);
  return { exit: 0 };
}
