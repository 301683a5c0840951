import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { PriceState } from '../sdk/src/math/index.ts';
import { holdToContract, OracleDifferenceError } from './compare.ts';
import { marketOf } from './market.ts';
import { OracleModel } from './oracleModel.ts';
import { blocks } from './replay.ts';
import { feedsAt, START } from './synthetic.ts';

const artifacts = `${fileURLToPath(new URL('..', import.meta.url))}contracts/out`;
/** A spike, then a difference that halts for good, a recovery that a spike puts back, and what trips the breaker. */
const stirred = feedsAt(
  420,
  (second) => {
    if (second >= 30 && second < 40) return 2030;
    if (second >= 60 && second < 90) return 2200;
    if (second >= 110 && second < 114) return 2020;
    return second < 250 ? 2000 : 2250;
  },
  (second) => (second < 240 ? 2000 : 2250),
);
const stretch = { from: START + 4, to: START + 420 };

describe('the model is the contract', () => {
  test('through spike, halt, recovery and breaker, block by block', { timeout: 120_000 }, async () => {
    expect(await holdToContract(artifacts, 'ETH', stirred, stretch)).toBeGreaterThan(200);
  });

  test('while sources fall silent: Single, Fallback, nothing, a price far from the mean', {
    timeout: 120_000,
  }, async () => {
    const step = 20;
    const going = feedsAt(
      4000,
      (second) => (second < 1500 || second >= 2800 ? (second < 1450 ? 2000 + (second % 80) / 40 : 2300) : 0),
      () => 2000,
    );
    // Chainlink writes nothing more after its first minute, until much later.
    const silent = going.rounds.filter(({ updatedAt }) => updatedAt < START + 60 || updatedAt > START + 3600);
    const feeds = { ...going, rounds: silent };
    const model = new OracleModel(marketOf('ETH').feed);
    const seen = new Set<number>();
    for (const { now, said } of blocks(feeds, START + 4, START + 4000, step))
      seen.add(model.observe(said, BigInt(now)).price.state);
    const { Normal, Single, Fallback, Halted } = PriceState;
    expect([...seen].sort()).toEqual(expect.arrayContaining([Normal, Single, Fallback, Halted]));
    const count = await holdToContract(artifacts, 'ETH', feeds, { from: START + 4, to: START + 4000, step });
    expect(count).toBeGreaterThanOrEqual(200);
  });

  test('another way out of a halt is noticed', { timeout: 120_000 }, async () => {
    const wayOut = { name: 'three in Normal', haltDivisor: 1n, mostState: PriceState.Normal };
    const model = new OracleModel(marketOf('ETH').feed, wayOut);
    await expect(holdToContract(artifacts, 'ETH', stirred, { ...stretch, model })).rejects.toThrow(
      OracleDifferenceError,
    );
  });
});
