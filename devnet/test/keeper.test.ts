import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type Keeper, type KeeperEvent, startKeeper } from '@tidemark/keeper';
import {
  accountId,
  commit,
  deposit,
  derivativesEngineAbi,
  getHealth,
  getMarket,
  getPosition,
  getQueue,
  liquidityVaultAbi,
  marketOrder,
  parseEngineEvents,
  RpcUnreachableError,
} from '@tidemark/sdk';
import { getAbiItem, toFunctionSelector } from 'viem';
import { getLogs } from 'viem/actions';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ACCOUNTS, privateKeyOf } from '../src/accounts.ts';
import { connect } from '../src/chain.ts';
import { tokenAbi } from '../src/exchange.ts';
import { chainlinkFeeder, fedAggregators } from '../src/feeder.ts';
import { checkBooks } from './books.ts';
import { startGate } from './gate.ts';
import { freePort, type Stage, setStage } from './stage.ts';
import { waveSource } from './waveSource.ts';

const ETH = 0n;
const [trader] = ACCOUNTS.traders;
const SUB = accountId(trader.address, 1n);

/** Prices fall by 9 % at this time. */
let crashAt = Number.POSITIVE_INFINITY;
const source: typeof waveSource = {
  ...waveSource,
  quoteAt(symbol, time) {
    const quote = waveSource.quoteAt(symbol, time);
    return quote && time >= crashAt ? { ...quote, price: (quote.price * 91n) / 100n } : quote;
  },
};

let stage: Stage;
let feed: (now: number) => Promise<unknown>;
const keepers: { keeper: Keeper; events: KeeperEvent[]; turn(block: bigint): Promise<void> }[] = [];

async function keep(who: { getHdKey(): { privateKey: Uint8Array | null } }, prices = stage.prices, rpc = stage.rpc) {
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
  const keeper = await startKeeper({ rpc, engine, vault, prices, privateKey: privateKeyOf(who), pollMs: 10, onEvent });
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

/** Commits one order and lets the keepers settle it. */
async function trade(account: `0x${string}`, sizeDelta: bigint): Promise<void> {
  const orders = [marketOrder({ account, sizeDelta })];
  await commit(connect(stage.rpc, trader), { ...at(), market: ETH, orders, gas: 500_000n });
  await next();
  for (let blocks = 0; (await getQueue(stage.admin, { ...at(), market: ETH })).escrow > 0n; blocks++) {
    expect(blocks).toBeLessThan(10);
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
    gate.pairUp(toFunctionSelector(getAbiItem({ abi: derivativesEngineAbi, name: 'settle' })));
    const [one, two] = [
      await keep(ACCOUNTS.keeper, stage.prices, gate.url),
      await keep(ACCOUNTS.faucet, stage.prices, gate.url),
    ];
    for (let i = 0; i < 3; i++) await trade(accountId(trader.address), 10n ** 11n);
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
    await keep(ACCOUNTS.keeper);
    const boundary = stage.now - (stage.now % 3600n) + 3600n;
    await next(boundary - stage.now - 2n);
    for (let i = 0; i < 4; i++) await next();
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
    expect(lost.events).toContainEqual(expect.objectContaining({ event: 'trouble' }));
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

describe('a lost RPC', () => {
  it('is told to who starts a keeper', async () => {
    const rpc = `http://127.0.0.1:${await freePort()}`;
    const { engine } = stage.deployment;
    const starting = startKeeper({ rpc, engine, prices: rpc, privateKey: privateKeyOf(ACCOUNTS.keeper) });
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
