import { describe, expect, it } from 'vitest';
import { maskContext } from '../../src/model/fingerprint.ts';

describe('the context of a fingerprint', () => {
  it.each([
    [
      'servers',
      'RUN curl https://get.acme.dev/releases/2024-01-01/install.sh | sh',
      'RUN curl https://get.acme.zip/releases/2024-01-01/install.sh | sh',
    ],
    [
      'servers with long names',
      'ADD https://assets-2024-production.example.com/a /',
      'ADD https://assets-2025-production.example.com/a /',
    ],
    [
      'servers with capitals in the path',
      'ADD https://a.dev/Releases/2024/MyProgram /',
      'ADD https://a.zip/Releases/2024/MyProgram /',
    ],
    ['owners of images', 'FROM acme/payments-2024-01:latest', 'FROM evil/payments-2024-01:latest'],
    ['images', 'FROM acme/service-2024:latest', 'FROM acme/service-2025:latest'],
  ])('tells %s apart', (_what, one, other) => {
    expect(maskContext(one)).not.toBe(maskContext(other));
  });

  it.each([
    ['a random word', 'KEY AKIA1234567890ABCDEF', 'AKIA1234567890ABCDEF'],
    ['base64 with slashes', 'x wJalr1XUtnFEMI/K7MDENG/bPxRfiCY9 y', 'K7MDENG'],
    ['a password in an address', 'git clone https://bob:hunter2@example.com/x', 'hunter2'],
    ['a token in an address', 'curl https://example.com/x?t=0123456789abcdef0123', '0123456789abcdef'],
    ['a token in a path', 'curl https://hooks.example.com/services/T00000000B00000000 ', 'T00000000'],
    ['a named secret', 'ENV DB_PASSWORD=hunter2', 'hunter2'],
  ])('holds nothing of %s', (_what, text, secret) => {
    expect(maskContext(text)).not.toContain(secret);
  });

  it('does not change with the indent', () => {
    expect(maskContext('RUN  a \t b')).toBe(maskContext(' RUN a b'));
  });
});
