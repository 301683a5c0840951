import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type Keeper, type KeeperEvent, type PriceEndpoint, ROLES, type Signer, startKeeper } from '@tidemark/keeper';
import {
  accountId,
  commit,
  deposit,
  derivativesEngineAbi,
  getHealth,
  getMarket,
  getOracle,
  getPosition,
  getQueue,
  getUpdateFee,
  liquidityVaultAbi,
  marketOrder,
  PriceServiceClient,
  parseEngineEvents,
  priceOracleAbi,
  RpcUnreachableError,
  updateIndices,
} from '@tidemark/sdk';
import { getAbiItem, toFunctionSelector } from 'viem';
import { getLogs } from 'viem/actions';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ACCOUNTS, privateKeyOf } from '../src/accounts.ts';
import { connect } from '../src/chain.ts';
import { tokenAbi } from '../src/exchange.ts';
import { chainlinkFeeder, fedAggregators } from '../src/feeder.ts';
import { startPriceServer } from '../src/server/priceServer.ts';
import { checkBooks } from './books.ts';
import { startGate } from './gate.ts';
import { freePort, type Stage, setStage } from './stage.ts';
import { waveSource } from './waveSource.ts';

const ETH = 0n;
const [trader] = ACCOUNTS.traders;
const SUB = accountId(trader.address, 1n);

/** Prices fall by 9 % at this time. */
let crashAt = Number.POSITIVE_INFINITY;
/** Prices rise by 0.4 % at this time. */
let riseAt = Number.POSITIVE_INFINITY;
const source: typeof waveSource = {
  ...waveSource,
  quoteAt(symbol, time) {
    const quote = waveSource.quoteAt(symbol, time);
    if (!quote) return quote;
    const price = time >= riseAt ? (quote.price * 1004n) / 1000n : quote.price;
    return { ...quote, price: time >= crashAt ? (price * 91n) / 100n : price };
  },
};

let stage: Stage;
let feed: (now: number) => Promise<unknown>;
const keepers: { keeper: Keeper; events: KeeperEvent[]; turn(block: bigint): Promise<void> }[] = [];

async function keep(signer: Signer, prices: string | readonly PriceEndpoint[] = stage.prices, rpc = stage.rpc) {
  const events: KeeperEvent[] = [];
  let waiting: { block: bigint; resolve: () => void }[] = [];
  let reached = -1n;
  const onEvent = (event: KeeperEvent) => {
    events.push(event);
    if (event.event !== 'turn') return;
    reached = event.block;
    for (const { block, resolve } of waiting) if (reached >= block) resolve();
    waiting = waiting.filter(({ block }) => block > reached);
  };
  const { engine, vault } = stage.deployment;
  const keeper = await startKeeper({
    rpcs: [rpc],
    engine,
    vault,
    prices: typeof prices === 'string' ? [{ url: prices }] : prices,
    signer,
    // What it earns is another test's.
    atLoss: ROLES,
    pollMs: 10,
    onEvent,
  });
  const turn = (block: bigint) =>
    reached >= block ? Promise.resolve() : new Promise<void>((resolve) => waiting.push({ block, resolve }));
  const running = { keeper, events, turn };
  keepers.push(running);
  return running;
}

/** A block, and everything it makes keepers and feeder do. */
async function next(seconds?: bigint): Promise<void> {
  await feed(Number(stage.now));
  await stage.mine(seconds);
  await Promise.all(keepers.map(({ turn }) => turn(stage.block)));
}

const at = () => ({ engine: stage.deployment.engine });

async function eventsSince(block: bigint) {
  const logs = await getLogs(stage.admin, {
    address: stage.deployment.engine,
    fromBlock: block + 1n,
    toBlock: 'latest',
  });
  return parseEngineEvents({ ...at(), logs });
}

/** Commits one order and lets the keepers settle it. @param before Called before each block that may do so. */
async function trade(account: `0x${string}`, sizeDelta: bigint, before = async () => {}): Promise<void> {
  const orders = [marketOrder({ account, sizeDelta })];
  await commit(connect(stage.rpc, trader), { ...at(), market: ETH, orders, gas: 500_000n });
  await next();
  for (let blocks = 0; (await getQueue(stage.admin, { ...at(), market: ETH })).escrow > 0n; blocks++) {
    expect(blocks).toBeLessThan(10);
    await before();
    await next();
  }
}

beforeAll(async () => {
  stage = await setStage(source);
  feed = chainlinkFeeder(connect(stage.rpc, ACCOUNTS.feeder), source, fedAggregators(stage.state), stage.faults);
}, 120_000);

afterEach(async () => {
  for (const { keeper } of keepers.splice(0)) await keeper.stop();
});

afterAll(async () => {
  await stage.end();
});

/** A second price service of the same prices. */
const secondService = (port: number) =>
  startPriceServer({
    port,
    source,
    feeds: Object.fromEntries(stage.deployment.markets.map(({ symbol, feedId }) => [symbol, feedId])),
    now: () => Number(stage.now),
  });

const explain = async () => {
  const { engine } = stage.deployment;
  const address = await getOracle(stage.admin, { engine });
  return stage.admin.readContract({ address, abi: priceOracleAbi, functionName: 'explain', args: [ETH] });
};

const pushes = (events: readonly KeeperEvent[]) =>
  events.filter((one) => one.event === 'included' && one.action.kind === 'updateIndices');
const told = (events: readonly KeeperEvent[]) =>
  events.filter(({ event }) => ['source-lost', 'source-back', 'trouble'].includes(event)).map(({ event }) => event);

describe('the prices of a keeper', { timeout: 300_000 }, () => {
  it('are pushed by heartbeat, all markets in one update, without any order', async () => {
    const { events } = await keep(ACCOUNTS.keeper);
    const before = stage.block;
    const from = stage.now;
    for (let i = 0; i < 100; i++) {
      await next(10n);
      if (i < 4) continue;
      const markets = stage.deployment.markets.map(({ id }) => getMarket(stage.admin, { ...at(), market: BigInt(id) }));
      for (const { indexAt } of await Promise.all(markets))
        expect(stage.now - BigInt(indexAt)).toBeLessThanOrEqual(50n);
    }
    await next();
    expect((await eventsSince(before)).map(({ eventName }) => eventName)).not.toContain('BatchesSettled');
    expect((await explain()).mean).toBeGreaterThan(0n);
    const all = stage.deployment.markets.map(({ id }) => id);
    const included = pushes(events);
    // The first at once, then one each 30 to 40 s, and a few by deviation.
    expect(included.length).toBeGreaterThan(Number(stage.now - from) / 42);
    expect(included.length).toBeLessThan(Number(stage.now - from) / 20);
    const whole = included.filter(
      (one) => 'action' in one && 'markets' in one.action && one.action.markets.length === 2,
    );
    expect(whole).toHaveLength(included.length);
    expect(whole[0]).toMatchObject({ action: { markets: all } });
  });

  it('are observed though settlements keep the index young', async () => {
    const { events } = await keep(ACCOUNTS.keeper);
    await next();
    await next();
    const from = stage.now;
    const { lastGood } = await explain();
    let oldest = 0n;
    for (let i = 0; stage.now < from + 60n; i++) {
      await trade(accountId(trader.address), i % 2 === 0 ? 10n ** 11n : -(10n ** 11n));
      const { indexAt } = await getMarket(stage.admin, { ...at(), market: ETH });
      const age = stage.now - BigInt(indexAt);
      if (age > oldest) oldest = age;
    }
    expect(oldest).toBeLessThan(20n);
    expect(pushes(events).length).toBeGreaterThanOrEqual(2);
    expect((await explain()).lastGood).not.toBe(lastGood);
  });

  it('are pushed at once when they have moved', async () => {
    await keep(ACCOUNTS.keeper);
    await next();
    await next();
    const { indexAt } = await getMarket(stage.admin, { ...at(), market: ETH });
    riseAt = Number(stage.now) + 2;
    for (let i = 0; i < 3; i++) await next();
    const market = await getMarket(stage.admin, { ...at(), market: ETH });
    expect(BigInt(market.indexAt)).toBeGreaterThanOrEqual(BigInt(riseAt));
    expect(BigInt(market.indexAt) - BigInt(indexAt)).toBeLessThan(20n);
    expect(market.index).toBe((source.quoteAt('ETH', Number(market.indexAt))?.price ?? 0n) * 10n ** 10n);
  });

  it('cost exactly what Pyth asks, and a surplus comes back', async () => {
    const { engine, vault, pyth } = stage.deployment;
    const oracle = await getOracle(stage.admin, { engine });
    const held = (blockNumber: bigint) =>
      Promise.all([pyth, engine, vault, oracle].map((address) => stage.admin.getBalance({ address, blockNumber })));
    const before = stage.block;
    const [earned = 0n] = await held(before);
    const { events } = await keep(ACCOUNTS.keeper);
    await trade(accountId(trader.address), 10n ** 11n);
    for (let i = 0; i < 20; i++) await next();
    const running = keepers.splice(0);
    await Promise.all(running.map(({ keeper }) => keeper.stop()));
    await stage.mine();
    const hashes = events.flatMap((one) => (one.event === 'sent' ? [one.hash] : []));
    const sent = await Promise.all(hashes.map((hash) => stage.admin.getTransaction({ hash })));
    expect(sent.filter(({ value }) => value > 0n).length).toBeGreaterThan(1);
    const paid = sent.reduce((sum, { value }) => sum + value, 0n);
    expect(await held(stage.block)).toEqual([earned + paid, 0n, 0n, 0n]);

    const client = connect(stage.rpc, ACCOUNTS.keeper);
    const { id, feedId } = stage.deployment.markets[0] as { id: number; feedId: `0x${string}` };
    const { update } = await new PriceServiceClient({ url: stage.prices }).latest([feedId]);
    const fee = await getUpdateFee(client, { pyth, update });
    const had = await client.getBalance({ address: client.account.address });
    const surplus = 10n ** 15n;
    const markets = 1n << BigInt(id);
    const hash = await updateIndices(client, { engine, markets, update, value: fee + surplus, gas: 1_000_000n });
    await stage.mine();
    const { gasUsed, effectiveGasPrice, status } = await client.getTransactionReceipt({ hash });
    expect(status).toBe('success');
    const gas = gasUsed * effectiveGasPrice;
    const l1 = had - (await client.getBalance({ address: client.account.address })) - gas - fee;
    // The fee for L1 data is all that is left to explain.
    expect(l1).toBeGreaterThanOrEqual(0n);
    expect(l1).toBeLessThan(surplus / 10n);
    expect(await held(stage.block)).toEqual([earned + paid + fee, 0n, 0n, 0n]);
  });

  it('come from the second service when the first dies, and from the first when it is back', async () => {
    const port = await freePort();
    let first = await secondService(port);
    const { events } = await keep(ACCOUNTS.keeper, [{ url: `http://127.0.0.1:${port}` }, { url: stage.prices }]);
    await trade(accountId(trader.address), 10n ** 11n);
    expect(told(events)).toEqual([]);
    await first.close();
    const before = stage.block;
    await trade(accountId(trader.address), -(10n ** 11n));
    for (let i = 0; i < 20; i++) await next();
    expect((await eventsSince(before)).map(({ eventName }) => eventName)).toContain('OrderFilled');
    expect(told(events)).toEqual(['source-lost']);
    first = await secondService(port);
    for (let i = 0; told(events).length < 2; i++) {
      expect(i).toBeLessThan(40);
      await next();
    }
    expect(told(events)).toEqual(['source-lost', 'source-back']);
    await Promise.all(keepers.splice(0).map(({ keeper }) => keeper.stop()));
    await first.close();
  });

  it('come from the second service when the first serves old, unsigned or padded ones', async () => {
    const first = await secondService(0);
    const url = `http://127.0.0.1:${first.port}`;
    for (const name of ['stale', 'wrong-signer', 'padded'] as const) {
      first.faults.set({ name });
      for (let i = 0; i < 16; i++) await next();
      const { events } = await keep(ACCOUNTS.keeper, [{ url }, { url: stage.prices }]);
      const before = stage.block;
      await trade(accountId(trader.address), 10n ** 11n);
      expect((await eventsSince(before)).map(({ eventName }) => eventName)).toContain('OrderFilled');
      expect(told(events)[0]).toBe('source-lost');
      await Promise.all(keepers.splice(0).map(({ keeper }) => keeper.stop()));
      first.faults.clear();
    }
    await first.close();
  });

  it('go on after all services died, and what needs none goes on meanwhile', async () => {
    const port = await freePort();
    const urls = [{ url: `http://127.0.0.1:${port}` }, { url: `http://127.0.0.1:${await freePort()}` }];
    const { events } = await keep(ACCOUNTS.keeper, urls);
    expect(told(events)).toEqual(['source-lost', 'source-lost']);
    const boundary = stage.now - (stage.now % 3600n) + 7200n;
    await next(boundary - stage.now);
    await next();
    await next();
    const { accruedAt } = await getMarket(stage.admin, { ...at(), market: ETH });
    expect(BigInt(accruedAt)).toBeGreaterThanOrEqual(boundary);
    const service = await secondService(port);
    const before = stage.block;
    await trade(accountId(trader.address), 10n ** 11n);
    expect((await eventsSince(before)).map(({ eventName }) => eventName)).toContain('OrderFilled');
    expect(told(events)).toEqual(['source-lost', 'source-lost', 'source-back']);
    await Promise.all(keepers.splice(0).map(({ keeper }) => keeper.stop()));
    await service.close();
  });

  it('that leave the index are pushed once a heartbeat, and end a halt', async () => {
    const { events } = await keep(ACCOUNTS.keeper);
    await next();
    await next();
    stage.faults.set({ name: 'diverging', source: 'pyth', market: 'ETH', factor: 1.1 });
    const from = events.length;
    for (let i = 0; i < 25; i++) await next(4n);
    expect((await explain()).standing.haltedAt).toBeGreaterThan(0);
    const touching = pushes(events.slice(from)).filter((one) => 'action' in one && 'markets' in one.action);
    expect(touching.length).toBeGreaterThanOrEqual(3);
    expect(touching.length).toBeLessThanOrEqual(6);
    stage.faults.clear();
    for (let i = 0; i < 35; i++) await next(4n);
    expect((await explain()).standing.haltedAt).toBe(0);
  });
});

describe('a keeper', { timeout: 60_000 }, () => {
  it('settles within 6 s of the commit', async () => {
    await keep(ACCOUNTS.keeper);
    const before = stage.block;
    const from = stage.now;
    await trade(accountId(trader.address), 10n ** 12n);
    const events = await eventsSince(before);
    expect(events.map(({ eventName }) => eventName)).toContain('OrderFilled');
    const filled = events.find(({ eventName }) => eventName === 'OrderFilled');
    const { timestamp } = await stage.admin.getBlock({ blockNumber: filled?.blockNumber as bigint });
    expect(timestamp - (from + 2n)).toBeLessThanOrEqual(6n);
  });

  it('loses a race to another keeper without harm', async () => {
    const first = stage.block;
    const gate = await startGate(stage.rpc);
    // Neither has seen what the other sent.
    gate.hold(toFunctionSelector(getAbiItem({ abi: derivativesEngineAbi, name: 'settle' })));
    const [one, two] = [
      await keep(ACCOUNTS.keeper, stage.prices, gate.url),
      await keep(ACCOUNTS.faucet, stage.prices, gate.url),
    ];
    for (let i = 0; i < 3; i++) await trade(accountId(trader.address), 10n ** 11n, () => gate.release());
    await next();
    await Promise.all(keepers.splice(0).map(({ keeper }) => keeper.stop()));
    await gate.end();
    const settled = [one, two]
      .flatMap(({ events }) => events)
      .filter((e) => 'action' in e && e.action.kind === 'settle');
    expect(settled.filter(({ event }) => event === 'included')).toHaveLength(3);
    expect(settled.filter(({ event }) => event === 'reverted')).toHaveLength(3);
    expect([one, two].flatMap(({ events }) => events).filter(({ event }) => event === 'trouble')).toEqual([]);
    const filled = (await eventsSince(first)).filter(({ eventName }) => eventName === 'OrderFilled');
    expect(filled).toHaveLength(3);
  });

  it('renews indices and seals the hour', async () => {
    const boundary = stage.now - (stage.now % 3600n) + 7200n;
    await next(boundary - stage.now - 6n);
    // Chainlink answers before the keeper looks: without it nothing becomes an index.
    await next();
    await keep(ACCOUNTS.keeper);
    for (let i = 0; i < 6; i++) await next();
    for (const { id } of stage.deployment.markets) {
      const market = await getMarket(stage.admin, { ...at(), market: BigInt(id) });
      expect(BigInt(market.accruedAt)).toBeGreaterThanOrEqual(boundary);
      expect(BigInt(market.accruedAt) - boundary).toBeLessThanOrEqual(6n);
    }
    for (let i = 0; i < 40; i++) {
      await next();
      const { indexAt } = await getMarket(stage.admin, { ...at(), market: ETH });
      expect(stage.now - BigInt(indexAt)).toBeLessThanOrEqual(34n);
    }
  });

  it('expires what could not settle while the price service was lost', async () => {
    const lost = await keep(ACCOUNTS.keeper, `http://127.0.0.1:${await freePort()}`);
    const orders = [marketOrder({ account: accountId(trader.address), sizeDelta: 10n ** 11n })];
    await commit(connect(stage.rpc, trader), { ...at(), market: ETH, orders, gas: 500_000n });
    await next();
    const before = stage.block;
    for (let i = 0; i < 34; i++) await next();
    expect((await eventsSince(before)).map(({ eventName }) => eventName)).toContain('BatchesExpired');
    expect((await getQueue(stage.admin, { ...at(), market: ETH })).escrow).toBe(0n);
    expect(lost.events.filter(({ event }) => event === 'source-lost')).toHaveLength(1);
    expect(lost.events.filter(({ event }) => event === 'trouble')).toEqual([]);
  });

  it('settles an epoch of the vault', async () => {
    const provider = connect(stage.rpc, ACCOUNTS.liquidityProvider);
    const faucet = connect(stage.rpc, ACCOUNTS.faucet);
    const assets = 1_000n * 10n ** 6n;
    const { usdc } = stage.state.doubles;
    await faucet.writeContract({
      address: usdc,
      abi: tokenAbi,
      functionName: 'mint',
      args: [provider.account.address, assets],
      gas: 200_000n,
    });
    await provider.writeContract({
      address: stage.deployment.vault,
      abi: liquidityVaultAbi,
      functionName: 'requestDeposit',
      args: [assets, provider.account.address, provider.account.address],
      gas: 500_000n,
    });
    await stage.mine();
    await keep(ACCOUNTS.keeper);
    await next(3600n - (stage.now % 3600n) - 2n);
    for (let i = 0; i < 15; i++) await next();
    const call = { address: stage.deployment.vault, abi: liquidityVaultAbi, functionName: 'getVault' } as const;
    const vault = await stage.admin.readContract(call);
    expect(BigInt(vault.settledEpoch)).toBe(stage.now / 3600n);
    expect(vault.depositsWaiting + vault.depositsOpen).toBe(0n);
  });

  it('liquidates an account below maintenance', async () => {
    const faucet = connect(stage.rpc, ACCOUNTS.faucet);
    const { usdc } = stage.state.doubles;
    const assets = 260n * 10n ** 6n;
    await faucet.writeContract({
      address: usdc,
      abi: tokenAbi,
      functionName: 'mint',
      args: [trader.address, assets],
      gas: 200_000n,
    });
    await stage.mine();
    await deposit(connect(stage.rpc, trader), { ...at(), account: SUB, assets, gas: 300_000n });
    await keep(ACCOUNTS.keeper);
    await next();
    await trade(SUB, 10n ** 12n);
    expect((await getPosition(stage.admin, { ...at(), account: SUB, market: ETH })).size).toBe(10n ** 12n);
    const before = stage.block;
    crashAt = Number(stage.now) + 2;
    for (let i = 0; i < 20; i++) await next();
    expect((await getPosition(stage.admin, { ...at(), account: SUB, market: ETH })).size).toBeLessThan(10n ** 12n);
    const { riskManager } = stage.deployment;
    expect((await getHealth(stage.admin, { riskManager, account: SUB })).liquidatable).toBe(false);
    expect((await eventsSince(before)).map(({ eventName }) => eventName)).toContain('PositionLiquidated');
  });

  it('lets the check of the books tell an order that was lost', async () => {
    const { engine, markets } = stage.deployment;
    await expect(checkBooks(stage.admin, { engine, markets: markets.length, firstBlock: 0n })).rejects.toThrow(
      'expired',
    );
  });
});

describe('a lost RPC', { timeout: 60_000 }, () => {
  it('is told to who starts a keeper', async () => {
    const rpc = `http://127.0.0.1:${await freePort()}`;
    const { engine } = stage.deployment;
    const starting = startKeeper({ rpcs: [rpc], engine, prices: [{ url: rpc }], signer: ACCOUNTS.keeper });
    await expect(starting).rejects.toBeInstanceOf(RpcUnreachableError);
  });

  it('is one readable line and exit 1 at the command line', async () => {
    const main = fileURLToPath(new URL('../../keeper/src/main.ts', import.meta.url));
    const rpc = `http://127.0.0.1:${await freePort()}`;
    const args = ['--import', 'tsx', main, '--rpc', rpc, '--engine', stage.deployment.engine, '--prices', rpc];
    const env = { ...process.env, TIDEMARK_KEEPER_KEY: privateKeyOf(ACCOUNTS.keeper) };
    const { status, stderr, stdout } = spawnSync(process.execPath, args, { encoding: 'utf8', env });
    expect(status).toBe(1);
    expect(stdout).toBe('');
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).toContain(`The chain's RPC at ${rpc} does not answer.`);
  });
});
