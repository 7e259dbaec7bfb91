import { randomUUID } from 'node:crypto';

const CURRENCIES = new Set(['EUR', 'USD', 'GBP']);

/** Payments in memory, by id. Amounts are whole cents. */
export class Ledger {
  #payments = new Map();

  /** Returns the payment, or a list of what is wrong with it. */
  take({ account, amount, currency }) {
    const errors = [];
    if (typeof account !== 'string' || !/^[A-Z]{2}\d{2}[A-Z0-9]{8,30}$/.test(account)) errors.push('account is not an IBAN');
    if (!Number.isSafeInteger(amount) || amount <= 0) errors.push('amount is not a positive number of cents');
    if (!CURRENCIES.has(currency)) errors.push('currency is not supported');
    if (errors.length > 0) return { errors };
    const payment = { id: randomUUID(), account, amount, currency, takenAt: new Date().toISOString() };
    this.#payments.set(payment.id, payment);
    return { payment };
  }

  find(id) {
    return this.#payments.get(id) ?? null;
  }
}
