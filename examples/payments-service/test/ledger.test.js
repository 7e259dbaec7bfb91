import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Ledger } from '../src/ledger.js';

test('a payment is taken and found again', () => {
  const ledger = new Ledger();
  const { payment } = ledger.take({ account: 'DE89370400440532013000', amount: 1250, currency: 'EUR' });
  assert.deepEqual(ledger.find(payment.id), payment);
});

test('what is wrong is said', () => {
  const { errors } = new Ledger().take({ account: 'x', amount: 1.5, currency: 'XXX' });
  assert.equal(errors.length, 3);
});
