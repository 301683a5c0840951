import { ContractRefusedError, TidemarkError } from '@tidemark/sdk';
import { describe, expect, it } from 'vitest';
import type { Action } from '../actions.ts';
import { GasLimitError } from '../errors.ts';
import { divide } from './divide.ts';

const tooLarge = new GasLimitError(13_000_000n, 12_000_000n);
const refused = new ContractRefusedError('PriceTooOld', [], { what: '', next: '' });
const order = (n: number) => ({ account: '0x00' as const, terms: BigInt(n), extras: 0n });
const settle: Action = {
  key: 'settle 0 7',
  kind: 'settle',
  market: 0,
  index: 7n,
  committedAt: 1n,
  batches: [[order(1)], [order(2), order(3)], [order(4)]],
};

describe('divide', () => {
  it('halves a settlement between its batches, the first half by its own key, the second after it', () => {
    const parts = divide(settle, tooLarge);
    expect(parts).toEqual([
      { ...settle, batches: settle.batches.slice(0, 2) },
      { ...settle, key: 'settle 0 9', index: 9n, batches: settle.batches.slice(2) },
    ]);
  });

  it('halves liquidations and commits, each order and account once and in their order', () => {
    const accounts = ['0x01', '0x02', '0x03'] as const;
    const liquidate: Action = { key: 'liquidate', kind: 'liquidate', accounts, markets: [0] };
    const parts = divide(liquidate, tooLarge);
    expect(parts.map(({ key }) => key)).toEqual(['liquidate', 'liquidate 1']);
    expect(parts.flatMap((part) => ('accounts' in part ? part.accounts : []))).toEqual(accounts);
    const signed = [1, 2].map((n) => ({ market: 0n, order: order(n), signature: '0x' as const }));
    const commit: Action = { key: 'commit', kind: 'commitSigned', market: 0, orders: signed };
    expect(divide(commit, tooLarge)).toEqual([
      { ...commit, orders: signed.slice(0, 1) },
      { ...commit, key: 'commit 1', orders: signed.slice(1) },
    ]);
  });

  it('brings each market’s price alone when a contract refuses them together', () => {
    const push: Action = { key: 'updateIndices', kind: 'updateIndices', markets: [0, 2] };
    const keys = divide(push, refused).map(({ key }) => key);
    expect(keys).toEqual(['updateIndices 0', 'updateIndices 2']);
    expect(divide(push, new TidemarkError('', { next: '' }))).toEqual([]);
  });

  it.each([
    ['one batch', { ...settle, batches: [settle.batches[0] ?? []] }, tooLarge],
    ['what was refused for another reason', settle, refused],
    ['one market', { key: 'updateIndices 0', kind: 'updateIndices', markets: [0] } as const, refused],
    ['what has no parts', { key: 'appraise', kind: 'appraise' } as const, tooLarge],
  ])('leaves %s', (_what, action, why) => {
    expect(divide(action, why)).toEqual([]);
  });
});
