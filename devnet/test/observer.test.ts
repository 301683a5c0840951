import { accountId, deposit, getAccount, getPosition, previewLiquidation, settle } from '@tidemark/sdk';
import { createClient, custom, type Hex, http } from 'viem';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Observer, type ObserverOptions } from '../../keeper/src/observe/observer.ts';
import { PriceSources } from '../../keeper/src/prices/priceSources.ts';
import { ACCOUNTS } from '../src/accounts.ts';
import { connect, devnetChain } from '../src/chain.ts';
import { tokenAbi } from '../src/exchange.ts';
import { ETH, type FedStage, setFedStage, UNIT } from './fedStage.ts';
import { waveSource } from './waveSource.ts';

const [trader] = ACCOUNTS.traders;
const FIRST = accountId(trader.address);
const SECOND = accountId(trader.address, 1n);

/** Prices fall by 9 % at this time. */
let crashAt = Number.POSITIVE_INFINITY;
const source: typeof waveSource = {
  ...waveSource,
  quoteAt(symbol, time) {
    const quote = waveSource.quoteAt(symbol, time);
    return quote && time >= crashAt ? { ...quote, price: (quote.price * 91n) / 100n } : quote;
  },
};

let fed: FedStage;
/** What was asked of the chain. */
let asked: string[] = [];

/** @param judge Null: the model's verdict stands alone. */
function observing(judge: 'RiskManager' | null = 'RiskManager', options: Partial<ObserverOptions> = {}) {
  const { rpc, prices, deployment } = fed.stage;
  const transport = http(rpc, { retryCount: 0 })({ chain: devnetChain });
  const request = async (one: never) => {
    asked.push(JSON.stringify(one));
    return transport.request(one);
  };
  const client = createClient({ chain: devnetChain, transport: custom({ request }, { retryCount: 0 }), cacheTime: 0 });
  const services = new PriceSources({ endpoints: [{ url: prices }], now: (): bigint => observer.now });
  const { engine, riskManager, vault } = deployment;
  const asking = judge ? { riskManager } : {};
  const observer: Observer = new Observer({ client, prices: services, engine, vault, ...asking, ...options });
  return observer;
}

/** What an observer knows of accounts. */
const known = async (observer: Observer) => {
  const { health } = await observer.observe();
  return new Map([...health.accounts()].map((one) => [one.id, one]));
};

/** How often an account was asked for since the last look. */
function timesAsked(account: Hex): number {
  const count = asked.filter((one) => one.includes('eth_call') && one.includes(account.slice(2))).length;
  asked = [];
  return count;
}

const at = () => ({ engine: fed.stage.deployment.engine });

beforeAll(async () => {
  fed = await setFedStage(source);
  const { usdc } = fed.stage.state.doubles;
  const mint = {
    address: usdc,
    abi: tokenAbi,
    functionName: 'mint',
    args: [trader.address, 260n * 10n ** 6n],
  } as const;
  await connect(fed.stage.rpc, ACCOUNTS.faucet).writeContract({ ...mint, gas: 200_000n });
  await fed.stage.mine();
  await deposit(fed.client, { ...at(), account: SECOND, assets: 260n * 10n ** 6n, gas: 300_000n });
  await fed.stage.mine();
}, 300_000);

afterAll(() => fed.stage.end());

describe('an observer', { timeout: 300_000 }, () => {
  it('reads an account once, and again when an event names it', async () => {
    const observer = observing();
    const position = await getPosition(fed.stage.admin, { ...at(), account: FIRST, market: ETH });
    expect((await known(observer)).get(FIRST)?.positions.get(0)?.size).toBe(position.size);
    expect(timesAsked(FIRST)).toBeGreaterThan(0);
    await fed.turns(3);
    await known(observer);
    expect(timesAsked(FIRST)).toBe(0);
    const call = await fed.order(UNIT);
    const { margin } = await getAccount(fed.stage.admin, { ...at(), account: FIRST });
    expect((await known(observer)).get(FIRST)?.account.margin).toBe(margin);
    expect(timesAsked(FIRST)).toBeGreaterThan(0);
    await settle(fed.keeper, call);
    await fed.stage.mine();
    const { size } = await getPosition(fed.stage.admin, { ...at(), account: FIRST, market: ETH });
    expect((await known(observer)).get(FIRST)?.positions.get(0)?.size).toBe(size);
  });

  it('comes to what a new observer of the same chain comes to', async () => {
    const observer = observing();
    await observer.observe();
    await settle(fed.keeper, await fed.order(UNIT));
    await fed.stage.mine();
    await observer.observe();
    await settle(fed.keeper, await fed.order(UNIT, 1n));
    await fed.stage.mine();
    const accounts = await known(observer);
    expect([...accounts.keys()].sort()).toEqual([FIRST, SECOND].sort());
    expect(accounts).toEqual(await known(observing()));
    await settle(fed.keeper, await fed.order(-UNIT));
    await fed.stage.mine();
    expect(await known(observer)).toEqual(await known(observing()));
  });

  it('takes back what a reorg takes back, and tells it', async () => {
    const told: unknown[] = [];
    const observer = observing('RiskManager', { onReorg: (reorg) => told.push(reorg) });
    const before = await known(observer);
    const call = await fed.order(UNIT);
    const { markets } = await observer.observe();
    expect(markets[0]?.pending).toHaveLength(1);
    await settle(fed.keeper, call);
    await fed.stage.mine();
    const from = fed.stage.block;
    const { markets: settled } = await observer.observe();
    expect(settled[0]?.pending).toEqual([]);
    expect((await known(observer)).get(FIRST)?.positions.get(0)?.size).not.toBe(
      before.get(FIRST)?.positions.get(0)?.size,
    );
    // The settlement's block alone: the batch waits again, and its orders are known still.
    await fed.stage.admin.request({ method: 'anvil_reorg', params: [1, []] } as never);
    const { markets: waiting } = await observer.observe();
    expect(told).toEqual([{ from, to: from - 1n }]);
    expect(waiting[0]?.pending[0]?.orders).toEqual(markets[0]?.pending[0]?.orders);
    expect(await known(observer)).toEqual(await known(observing()));
    expect((await known(observer)).get(FIRST)?.positions).toEqual(before.get(FIRST)?.positions);
  });

  it('names who is endangered by the contract’s own verdict, at the prices at hand', async () => {
    const observer = observing();
    expect((await observer.observe()).endangered).toEqual([]);
    crashAt = Number(fed.stage.now) + 2;
    // Chainlink follows some blocks later; until then the market is halted.
    await fed.turns(12);
    const { endangered, block: blockNumber } = await observer.observe();
    expect(endangered.map(({ account }) => account.id)).toEqual([SECOND]);
    const [one] = endangered;
    const { riskManager } = fed.stage.deployment;
    const call = { riskManager, account: SECOND, prices: one?.prices ?? [], blockNumber };
    const [verdict] = await previewLiquidation(fed.stage.admin, call);
    expect(verdict).toMatchObject({ due: true, reward: one?.reward, maintenance: one?.maintenance });
    expect(one).toMatchObject({ markets: [0], metered: false });
    // The exact model has found the same before the contract was asked.
    const model = await observing(null).observe();
    expect(model.endangered.map(({ account, equity, shortfall }) => [account.id, equity, shortfall])).toEqual([
      [SECOND, one?.equity, one?.shortfall],
    ]);
  });
});
