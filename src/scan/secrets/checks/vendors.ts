import type { StructureCheck } from './check.ts';

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/**
 * An AWS access key id: after four letters that say its kind, base32 whose first bits are the account's number
 * (12 decimal digits) where the key is of the kind made since 2019.
 */
export const awsKeyIdCheck: StructureCheck = {
  source:
    'https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids',
  run(secret) {
    const body = secret.slice(4);
    if ([...body].some((char) => !BASE32.includes(char)) || body.includes('EXAMPLE')) return 'invalid';
    let bits = 0n;
    for (const char of body.slice(0, 10)) bits = (bits << 5n) | BigInt(BASE32.indexOf(char));
    const account = (bits >> 2n) & 0x7fffffffffn;
    return account <= 999_999_999_999n ? 'unknown' : 'invalid';
  },
};

/** Slack writes the numbers of the workspace and of the bot into its tokens: ten digits or more, none all zero. */
export const slackCheck: StructureCheck = {
  source: 'https://docs.slack.dev/authentication/tokens',
  run(secret) {
    const numbers = secret.match(/(?<=-)\d{8,}(?=-)/gu) ?? [];
    return numbers.some((digits) => /^0+$|^1234567890|^(\d)\1+$/u.test(digits)) ? 'invalid' : 'unknown';
  },
};

/** A Stripe key: letters, digits, and enough of both. */
export const stripeCheck: StructureCheck = {
  source: 'https://docs.stripe.com/keys',
  run(secret) {
    const body = secret.slice(secret.lastIndexOf('_') + 1);
    return /[0-9]/u.test(body) && /[a-z]/u.test(body) && /[A-Z]/u.test(body) ? 'unknown' : 'invalid';
  },
};

/** An identifier of RFC 9562 that is not one of the fixed ones. */
export const uuidCheck: StructureCheck = {
  source: 'https://www.rfc-editor.org/rfc/rfc9562',
  run(secret) {
    const hex = secret.replaceAll('-', '').toLowerCase();
    return new Set(hex).size < 6 ? 'invalid' : 'unknown';
  },
};
