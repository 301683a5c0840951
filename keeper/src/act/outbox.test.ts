import { type Hash, toHex } from 'viem';
import { describe, expect, it } from 'vitest';
import { type Look, Outbox, raise } from './outbox.ts';

const GWEI = 10n ** 9n;
const hashOf = (n: number): Hash => toHex(n, { size: 32 });

/** A look in which nothing has happened: none of the transactions is included, and the node knows all. */
const look = (block: bigint, changes: Partial<Look> = {}): Look => ({
  block,
  baseFee: GWEI,
  latestNonce: 0,
  pendingNonce: 0,
  places: new Map(),
  unknown: new Set(),
  ...changes,
});
const included = (n: number, block: bigint, blockHash = hashOf(Number(block))) =>
  new Map([[hashOf(n), { hash: hashOf(n), block, blockHash }]]);

function outboxWith(nonces: readonly number[], block = 100n, maxFeePerGas = 2n * GWEI) {
  const outbox = new Outbox<string>({ patience: 3n, depth: 2n });
  outbox.judge(look(block));
  for (const nonce of nonces) send(outbox, nonce, { block, maxFeePerGas });
  return outbox;
}

function send(
  outbox: Outbox<string>,
  nonce: number,
  {
    block = 100n,
    hash = nonce,
    maxFeePerGas = 2n * GWEI,
  }: { block?: bigint; hash?: number; maxFeePerGas?: bigint } = {},
) {
  const fees = { maxFeePerGas, maxPriorityFeePerGas: GWEI };
  outbox.add(nonce, { hash: hashOf(hash), ...fees, work: `work ${hash}` }, block);
}
const nonces = (entries: readonly { nonce: number }[]) => entries.map(({ nonce }) => nonce);

describe('nonces', () => {
  it('go up from the chain’s, none twice', () => {
    const outbox = new Outbox<string>({ patience: 3n, depth: 2n });
    outbox.judge(look(100n, { latestNonce: 5, pendingNonce: 5 }));
    for (const nonce of [5, 6, 7]) {
      expect(outbox.next()).toBe(nonce);
      send(outbox, nonce);
    }
  });

  it('are free again when a transaction did not leave, and when what a node has dropped is given up', () => {
    const outbox = outboxWith([0, 1, 2]);
    outbox.withdraw(1, hashOf(1));
    expect(outbox.next()).toBe(1);
    const unknown = new Set([hashOf(0)]);
    const { stuck } = outbox.judge(look(100n, { pendingNonce: 3, unknown }));
    expect(nonces(stuck), 'nothing is dropped in the block it was sent in').toEqual([]);
    expect(outbox.judge(look(101n, { unknown })).stuck).toMatchObject([{ nonce: 0, dropped: true }]);
    expect(outbox.next()).toBe(1);
    outbox.forget(0);
    expect(outbox.next()).toBe(0);
  });

  it('that are skipped are filled, those in the pool are not', () => {
    const outbox = outboxWith([3, 5]);
    expect(outbox.judge(look(101n, { latestNonce: 1, pendingNonce: 2 })).gaps).toEqual([2, 4]);
    send(outbox, 2);
    send(outbox, 4);
    expect(outbox.judge(look(101n, { latestNonce: 1, pendingNonce: 6 })).gaps).toEqual([]);
  });

  it('of an earlier life are waited for, then used up, each by more than was offered before', () => {
    const outbox = new Outbox<string>({ patience: 3n, depth: 2n });
    expect(outbox.judge(look(100n, { latestNonce: 4, pendingNonce: 6 })).gaps).toEqual([]);
    expect(outbox.waitsForOthers).toBe(true);
    expect(outbox.judge(look(102n, { latestNonce: 4, pendingNonce: 6 })).gaps).toEqual([]);
    expect(outbox.judge(look(103n, { latestNonce: 4, pendingNonce: 6 })).gaps).toEqual([4, 5]);
    const fees = { maxFeePerGas: GWEI, maxPriorityFeePerGas: 1n };
    outbox.add(4, { hash: hashOf(4), ...outbox.feesAt(4, fees), work: null }, 103n);
    // The node wants more than was offered.
    outbox.withdraw(4, hashOf(4));
    expect(outbox.feesAt(4, fees)).toEqual({ maxFeePerGas: raise(GWEI), maxPriorityFeePerGas: 2n });
    expect(outbox.judge(look(104n, { latestNonce: 6, pendingNonce: 6 })).gaps).toEqual([]);
    expect(outbox.waitsForOthers).toBe(false);
  });
});

describe('a transaction', () => {
  it('is told once when it is included, and forgotten when it is deep enough', () => {
    const outbox = outboxWith([0]);
    const at = (block: bigint) =>
      outbox.judge(look(block, { latestNonce: 1, pendingNonce: 1, places: included(0, 101n) }));
    expect(at(101n).included).toMatchObject([{ variant: { work: 'work 0' }, place: { block: 101n } }]);
    expect(at(102n).included).toEqual([]);
    expect(outbox.questions(102n).places).toEqual([hashOf(0)]);
    expect(at(103n).included).toEqual([]);
    expect(outbox.questions(103n).places).toEqual([]);
  });

  it('that a reorganisation took back is waited for, or sent again when the node has forgotten it', () => {
    const outbox = outboxWith([0]);
    outbox.judge(look(101n, { latestNonce: 1, pendingNonce: 1, places: included(0, 101n) }));
    outbox.judge(look(102n, { pendingNonce: 1 }));
    expect(outbox.next()).toBe(1);
    expect(outbox.judge(look(103n, { latestNonce: 1, places: included(0, 103n) })).included).toHaveLength(1);
    const { stuck } = outbox.judge(look(104n, { unknown: new Set([hashOf(0)]) }));
    expect(stuck).toMatchObject([{ nonce: 0, dropped: true, included: null }]);
    send(outbox, 0, { block: 104n, hash: 10 });
    expect(outbox.judge(look(105n, { pendingNonce: 1 })).stuck).toEqual([]);
  });

  it('is stuck after its time, the first in line alone', () => {
    const outbox = outboxWith([0, 1]);
    expect(nonces(outbox.judge(look(102n, { pendingNonce: 2 })).stuck)).toEqual([]);
    expect(nonces(outbox.judge(look(103n, { pendingNonce: 2 })).stuck)).toEqual([0]);
    send(outbox, 0, { block: 103n, hash: 10, maxFeePerGas: 3n * GWEI });
    expect(nonces(outbox.judge(look(105n, { pendingNonce: 2 })).stuck)).toEqual([]);
    expect(nonces(outbox.judge(look(106n, { pendingNonce: 2 })).stuck)).toEqual([0]);
  });

  it('is stuck at once when the base fee is above what it offers', () => {
    const outbox = outboxWith([0, 1]);
    const at = (block: bigint, baseFee: bigint) =>
      nonces(outbox.judge(look(block, { baseFee, pendingNonce: 2 })).stuck);
    expect(at(100n, 3n * GWEI)).toEqual([]);
    expect(at(101n, 2n * GWEI)).toEqual([]);
    expect(at(101n, 2n * GWEI + 1n)).toEqual([0, 1]);
  });

  it('may be included though it was replaced, and then nothing else is at its nonce', () => {
    const outbox = outboxWith([0]);
    outbox.add(0, { hash: hashOf(10), maxFeePerGas: 3n * GWEI, maxPriorityFeePerGas: GWEI, work: null }, 103n);
    const { included: found } = outbox.judge(
      look(104n, { latestNonce: 1, pendingNonce: 1, places: included(0, 104n) }),
    );
    expect(found).toMatchObject([{ variant: { work: 'work 0' } }]);
    expect(outbox.pending).toEqual([]);
  });

  it('is given up when another used its nonce, not before a node can tell', () => {
    const outbox = outboxWith([0]);
    outbox.judge(look(101n, { latestNonce: 1, pendingNonce: 1 }));
    expect(outbox.pending).toHaveLength(1);
    outbox.judge(look(102n, { latestNonce: 1, pendingNonce: 1 }));
    expect(outbox.pending).toHaveLength(0);
    expect(outbox.next()).toBe(1);
  });
});

describe('what is offered at a nonce again', () => {
  it('is an eighth more of both at least, rounded up, and no less than is wanted', () => {
    const outbox = outboxWith([0], 100n, 1_001n);
    const wanted = { maxFeePerGas: 1n, maxPriorityFeePerGas: 10n * GWEI };
    expect(outbox.feesAt(0, wanted)).toEqual({ maxFeePerGas: 1_127n, maxPriorityFeePerGas: 10n * GWEI });
    expect(outbox.feesAt(1, wanted)).toEqual(wanted);
  });

  it.each([1n, 7n, 8n, 1_000n, GWEI + 1n])('raises %s by 12.5 % at least', (fee) => {
    expect(raise(fee) * 8n).toBeGreaterThanOrEqual(fee * 9n);
    expect((raise(fee) - 1n) * 8n).toBeLessThan(fee * 9n);
  });
});
