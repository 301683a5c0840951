import {
  accountId,
  ContractRefusedError,
  closeNow,
  commit,
  deposit,
  getAccount,
  getPosition,
  getSolvency,
  getUpdateFee,
  liquidate,
  marketOrder,
  settle,
  updateIndices,
  withdraw,
} from '@tidemark/sdk';
import type { Hex } from 'viem';
import { generatePrivateKey } from 'viem/accounts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ACCOUNTS } from '../src/accounts.ts';
import { connect } from '../src/chain.ts';
import { type PriceMessage, writeUpdate } from '../src/feeds/accumulatorWriter.ts';
import { type Stage, setStage } from './stage.ts';
import { waveSource } from './waveSource.ts';

const ETH = 0n;
const UNIT = 10n ** 12n;
const [trader, other] = ACCOUNTS.traders;
const account = accountId(trader.address);

let stage: Stage;
let client: ReturnType<typeof connect<typeof trader>>;
let before: unknown;

const books = async () => {
  const { engine } = stage.deployment;
  const [solvency, stored, position] = await Promise.all([
    getSolvency(stage.admin, { engine }),
    getAccount(stage.admin, { engine, account }),
    getPosition(stage.admin, { engine, account, market: ETH }),
  ]);
  return { solvency, stored, position };
};
const engine = () => ({ engine: stage.deployment.engine });

function message(time: bigint, market = 0): PriceMessage {
  const { symbol, feedId } = stage.deployment.markets[market] as { symbol: string; feedId: Hex };
  const quote = waveSource.quoteAt(symbol, Number(time));
  const { price, confidence } = quote as NonNullable<typeof quote>;
  const publishTime = Number(time);
  return { id: feedId, price, confidence, expo: -8, publishTime, prevPublishTime: publishTime - 1 };
}

async function priced(update: Hex) {
  const { pyth } = stage.deployment;
  return { update: [update], value: await getUpdateFee(stage.admin, { pyth, update: [update] }) };
}

async function refusedBy(call: Promise<unknown>): Promise<string> {
  const error = await call.then(
    () => expect.fail('it was permitted'),
    (thrown) => thrown,
  );
  expect(error).toBeInstanceOf(ContractRefusedError);
  expect(error.line).not.toContain('\n');
  return error.error;
}

beforeAll(async () => {
  stage = await setStage(waveSource);
  client = connect(stage.rpc, trader);
  const orders = [marketOrder({ account, sizeDelta: UNIT })];
  await commit(client, { ...engine(), market: ETH, orders, gas: 500_000n });
  await stage.mine();
  const committedAt = stage.now;
  await stage.mine();
  const price = await priced(await writeUpdate([message(committedAt + 2n)]));
  await settle(client, { ...engine(), market: ETH, batches: [orders], ...price, gas: 3_000_000n });
  await stage.mine();
  await stage.mine(60n);
  expect((await getPosition(client, { ...engine(), account, market: ETH })).size).toBe(UNIT);
}, 120_000);

beforeEach(async () => {
  before = await books();
});

afterAll(async () => {
  await stage.end();
});

/** Nothing changed in the books. */
async function expectNothingLost(): Promise<void> {
  expect(await books()).toEqual(before);
}

describe('a price that is', () => {
  const close = (update: { update: Hex[]; value: bigint }) =>
    closeNow(client, { ...engine(), account, market: ETH, size: UNIT, limitPrice: 0n, ...update });

  it('altered is refused', async () => {
    const update = await writeUpdate([message(stage.now)]);
    const last = update.slice(-2) === '00' ? '01' : '00';
    expect(await refusedBy(close(await priced(`${update.slice(0, -2)}${last}` as Hex)))).toBe('InvalidUpdateData');
    await expectNothingLost();
  });

  it('stale is refused', async () => {
    const update = await writeUpdate([message(stage.now - 30n)]);
    expect(await refusedBy(close(await priced(update)))).toBe('PriceFeedNotFoundWithinRange');
    await expectNothingLost();
  });

  it('from the future is refused', async () => {
    const update = await writeUpdate([message(stage.now + 100_000n)]);
    expect(await refusedBy(close(await priced(update)))).toBe('PriceFeedNotFoundWithinRange');
    await expectNothingLost();
  });

  it('signed by others is refused', async () => {
    const keys = [generatePrivateKey(), generatePrivateKey(), generatePrivateKey()];
    const update = await writeUpdate([message(stage.now)], keys);
    expect(await refusedBy(close(await priced(update)))).toBe('InvalidWormholeVaa');
    await expectNothingLost();
  });

  it('padded with another feed is refused', async () => {
    const update = await writeUpdate([message(stage.now), message(stage.now, 1)]);
    expect(await refusedBy(close(await priced(update)))).toBe('InvalidArgument');
    await expectNothingLost();
  });

  it('replayed after a newer one is refused', async () => {
    const older = await priced(await writeUpdate([message(stage.now - 1n)]));
    const newer = await priced(await writeUpdate([message(stage.now)]));
    await updateIndices(client, { ...engine(), markets: 1n, ...newer, gas: 2_000_000n });
    await stage.mine();
    before = await books();
    expect(await refusedBy(updateIndices(client, { ...engine(), markets: 1n, ...older }))).toBe('PriceOlderThanIndex');
    await expectNothingLost();
  });

  it('without its fee is refused', async () => {
    const update = await priced(await writeUpdate([message(stage.now)]));
    expect(await refusedBy(close({ ...update, value: 0n }))).toBe('FeeTooLow');
    await expectNothingLost();
  });

  it('missing is refused', async () => {
    expect(await refusedBy(close({ update: [], value: 0n }))).toBe('UpdateRequired');
    await expectNothingLost();
  });
});

describe('an order', () => {
  const commitOne = (sizeDelta: bigint, market = ETH, id = account) =>
    commit(client, { ...engine(), market, orders: [marketOrder({ account: id, sizeDelta })] });

  it('of nothing is refused', async () => {
    expect(await refusedBy(commitOne(0n))).toBe('ZeroSize');
    await expectNothingLost();
  });

  it('beyond the margin is refused', async () => {
    expect(await refusedBy(commitOne(1_000_000n * UNIT))).toBe('MarginTooLow');
    await expectNothingLost();
  });

  it('in an unknown market is refused', async () => {
    expect(await refusedBy(commitOne(UNIT, 9n))).toBe('UnknownMarket');
    await expectNothingLost();
  });

  it("of someone else's account is refused", async () => {
    expect(await refusedBy(commitOne(UNIT, ETH, accountId(other.address)))).toBe('NotAccountOwner');
    await expectNothingLost();
  });
});

describe('a caller', () => {
  const to = trader.address;

  it("cannot withdraw from someone else's account", async () => {
    const theirs = { account: accountId(other.address), assets: 1n, to, update: [] };
    expect(await refusedBy(withdraw(client, { ...engine(), ...theirs }))).toBe('NotAccountOwner');
    await expectNothingLost();
  });

  it('cannot withdraw more than the margin', async () => {
    const all = { account, assets: 10n ** 15n, to, update: [] };
    expect(await refusedBy(withdraw(client, { ...engine(), ...all }))).toBe('MarginTooLow');
    await expectNothingLost();
  });

  it('cannot deposit nothing, or what the wallet does not hold', async () => {
    expect(await refusedBy(deposit(client, { ...engine(), account, assets: 0n }))).toBe('ZeroAmount');
    expect(await refusedBy(deposit(client, { ...engine(), account, assets: 10n ** 15n }))).toBe(
      'ERC20InsufficientBalance',
    );
    await expectNothingLost();
  });

  it('cannot liquidate an account that is sound', async () => {
    const price = await priced(await writeUpdate([message(stage.now)]));
    expect(await refusedBy(liquidate(client, { ...engine(), account, ...price }))).toBe('NotLiquidatable');
    await expectNothingLost();
  });
});
