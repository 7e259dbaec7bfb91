import { describe, expect, it } from 'vitest';
import { signed } from '../../../src/platform/aws/signature.ts';

const KEYS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };
const NOW = new Date('2015-08-30T12:36:00Z');

function signatureOf(
  method: string,
  url: string,
  headers: Record<string, string> = {},
  body = '',
  service = 'service',
): string {
  const all = signed(
    { method, url: new URL(url), headers, body },
    { region: 'us-east-1', service },
    KEYS,
    NOW,
  );
  return all.authorization?.split('Signature=')[1] ?? '';
}

describe('AWS Signature Version 4', () => {
  it('gives the signatures of the published test suite and of the documentation’s example', () => {
    expect(signatureOf('GET', 'https://example.amazonaws.com/')).toBe(
      '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31',
    );
    expect(signatureOf('GET', 'https://example.amazonaws.com/?Param2=value2&Param1=value1')).toBe(
      'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
    );
    const form = { 'Content-Type': 'application/x-www-form-urlencoded' };
    expect(signatureOf('POST', 'https://example.amazonaws.com/', form, 'Param1=value1')).toBe(
      'ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a',
    );
    const users = 'https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08';
    const utf8 = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' };
    expect(signatureOf('GET', users, utf8, '', 'iam')).toBe(
      '5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7',
    );
  });

  it('signs the session token, and says who signed what', () => {
    const all = signed(
      { method: 'POST', url: new URL('https://example.amazonaws.com/'), headers: {}, body: '' },
      { region: 'eu-central-1', service: 'monitoring' },
      { ...KEYS, sessionToken: 'abc' },
      NOW,
    );
    expect(all['x-amz-security-token']).toBe('abc');
    expect(all.authorization).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/20150830\/eu-central-1\/monitoring\/aws4_request, SignedHeaders=host;x-amz-date;x-amz-security-token, Signature=[0-9a-f]{64}$/u,
    );
  });
});
