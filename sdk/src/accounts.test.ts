import { describe, expect, it } from 'vitest';
import { accountId, marketsOf, ownerOf, subOf } from './accounts.ts';

const OWNER = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8';

describe('accounts', () => {
  it.each([0n, 1n, (1n << 96n) - 1n])('sub-account %s keeps its owner and number', (sub) => {
    const id = accountId(OWNER, sub);
    expect(id).toHaveLength(66);
    expect(ownerOf(id)).toBe(OWNER);
    expect(subOf(id)).toBe(sub);
  });

  it('puts the owner in the upper 20 bytes', () => {
    expect(accountId(OWNER)).toBe(`${OWNER.toLowerCase()}${'0'.repeat(24)}`);
  });

  it.each([-1n, 1n << 96n])('refuses sub-account %s', (sub) => {
    expect(() => accountId(OWNER, sub)).toThrow(RangeError);
  });

  it('lists the markets of a bitmap', () => {
    expect(marketsOf(0n)).toEqual([]);
    expect(marketsOf(0b1011n)).toEqual([0, 1, 3]);
    expect(marketsOf(1n << 63n)).toEqual([63]);
  });
});
