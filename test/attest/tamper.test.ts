import { damaging } from './damage.ts';
import { samples } from './fixtures.ts';

damaging(
  samples,
  {
    'verificationMaterial.publicKey': 'a hint for the reader: the key is the one that was given',
    'verificationMaterial.publicKey.hint': 'the same',
  },
  2000,
);
