import { derivativesEngineAbi } from '@tidemark/sdk';
import { encodeAbiParameters, encodeEventTopics, type Log } from 'viem';
import { describe, expect, it } from 'vitest';
import type { Action } from '../actions.ts';
import { cameSecond, PushTurns } from './pushTurns.ts';

const engine = '0x00000000000000000000000000000000000000Aa';
const push: Action = { key: 'updateIndices', kind: 'updateIndices', markets: [0] };
const seal: Action = { key: 'accrue 0', kind: 'accrue', market: 0 };

const updated = (market: bigint, transactionIndex: number) => {
  const topics = encodeEventTopics({ abi: derivativesEngineAbi, eventName: 'MarketUpdated', args: { market } });
  const words = ['uint256', 'uint256', 'uint256', 'uint256'].map((type) => ({ type }));
  const data = encodeAbiParameters(words, [1n, 1n, 1n, 1n]);
  return { address: engine, topics, data, transactionIndex } as unknown as Log;
};

describe('cameSecond', () => {
  const own = { transactionIndex: 3, logs: [updated(0n, 3), updated(1n, 3)] };

  it('is so after another push of one of the markets, not before it nor after one of others', () => {
    expect(cameSecond(own, [updated(1n, 2), ...own.logs], engine)).toBe(true);
    expect(cameSecond(own, [...own.logs, updated(1n, 4)], engine)).toBe(false);
    expect(cameSecond(own, [updated(2n, 2), ...own.logs], engine)).toBe(false);
  });
});

describe('PushTurns', () => {
  /** A block at which the one market's index is of a time. */
  const at = (block: bigint, indexAt: bigint) => ({ block, markets: [{ market: { indexAt } }] });

  const second = () => {
    const turns = new PushTurns();
    turns.note(true);
    return turns;
  };

  it('attempts everything at once until a push came second', () => {
    expect(new PushTurns().take([seal, push], at(1n, 0n))).toEqual([seal, push]);
  });

  it('then lets a push wait for a block, and nothing else', () => {
    const turns = second();
    expect(turns.take([seal, push], at(1n, 0n))).toEqual([seal]);
    expect(turns.take([seal, push], at(1n, 0n))).toEqual([seal]);
    expect(turns.take([seal, push], at(2n, 0n))).toEqual([seal, push]);
  });

  it('waits anew when the index was moved meanwhile, or was not due at the block before', () => {
    const turns = second();
    expect(turns.take([push], at(1n, 0n))).toEqual([]);
    expect(turns.take([push], at(2n, 4n))).toEqual([]);
    expect(turns.take([], at(3n, 4n))).toEqual([]);
    expect(turns.take([push], at(4n, 4n))).toEqual([]);
    expect(turns.take([push], at(5n, 4n))).toEqual([push]);
  });

  it('never lets the peg wait', () => {
    const peg: Action = { key: 'updateIndices peg', kind: 'updateIndices', markets: [] };
    expect(second().take([peg], at(1n, 0n))).toEqual([peg]);
  });

  it('is back at once when a push of its own came first', () => {
    const turns = second();
    turns.note(false);
    expect(turns.take([push], at(1n, 0n))).toEqual([push]);
  });
});
