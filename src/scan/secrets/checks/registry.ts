import type { StructureCheck } from './check.ts';
import { crc62Check } from './crc62.ts';
import {
  basicAuthCheck,
  bytes64Check,
  discordCheck,
  encodedValueCheck,
  jwtCheck,
  pypiCheck,
} from './encoded.ts';
import { ageCheck, pemCheck } from './keys.ts';
import { awsKeyIdCheck, slackCheck, stripeCheck, uuidCheck } from './vendors.ts';

/** Structure checks by the name that rules use. */
export const checks: ReadonlyMap<string, StructureCheck> = new Map([
  ['age', ageCheck],
  ['aws-key-id', awsKeyIdCheck],
  ['basic-auth', basicAuthCheck],
  ['bytes64', bytes64Check],
  ['crc62', crc62Check],
  ['discord', discordCheck],
  ['encoded-value', encodedValueCheck],
  ['jwt', jwtCheck],
  ['pem', pemCheck],
  ['pypi', pypiCheck],
  ['slack', slackCheck],
  ['stripe', stripeCheck],
  ['uuid', uuidCheck],
]);
