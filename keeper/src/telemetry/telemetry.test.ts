import { TidemarkError } from '@tidemark/sdk';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Action } from '../actions.ts';
import type { KeeperEvent } from '../events.ts';
import type { Snapshot } from '../snapshot.ts';
import { makeLog } from './log.ts';
import type { Reading, Told } from './readings.ts';
import { serveTelemetry, type TelemetryServer } from './server.ts';
import { Telemetry } from './telemetry.ts';

const WAD = 10n ** 18n;
const KEY = `0x${'ab'.repeat(32)}` as const;
const ACCOUNT = `0x${'01'.repeat(32)}` as const;
const settle = { key: 'settle 0 7', kind: 'settle', market: 0, batches: [['a', 'b']] } as unknown as Action;
const liquidate: Action = { key: 'liquidate', kind: 'liquidate', accounts: [ACCOUNT], markets: [] };

let now: number;
let told: Told[];
let fails: boolean;
let troubles: TidemarkError[];
let telemetry: Telemetry;

const snapshot = (block: bigint, more: object = {}, market: object = {}): Snapshot =>
  ({
    block,
    now: 1_000n + 2n * block,
    pauseLevel: 0,
    markets: [
      {
        id: 0,
        market: { longs: 2n * 10n ** 12n, shorts: 10n ** 12n, index: 2_000n * WAD, indexAt: 1_000n },
        pending: [],
        quote: { price: 1n, confidence: 0n, publishTime: 1_010n },
        state: 0,
        storedAt: 1_000n,
        anchor: null,
        ...market,
      },
    ],
    accounts: [],
    orders: [],
    proposals: [],
    ...more,
  }) as unknown as Snapshot;

const reading = (block: bigint): Reading => ({
  block,
  solvency: { balance: 90n * WAD, custody: 100n * WAD, insurance: 60n * WAD, netAssetValue: 7n * 10n ** 30n } as never,
  offPeg: false,
  balance: WAD,
  baseFee: 10n ** 9n,
  gasMarket: 0,
  told: told.splice(0),
});

beforeEach(() => {
  now = 5_000_000;
  [told, troubles, fails] = [[], [], false];
  telemetry = new Telemetry({
    readings: {
      contracts: async () => ['engine'],
      read: async (block) => {
        if (fails) throw new TidemarkError('It does not answer.', { next: 'Wait.' });
        return reading(block);
      },
    },
    roles: ['settler'],
    rpcs: ['http://rpc.test'],
    priceSources: [],
    orderServices: ['http://orders.test'],
    maxAge: 60,
    now: () => now,
    onTrouble: (why) => troubles.push(why),
  });
});

/** The value of a series; undefined when there is none. */
async function value(series: string): Promise<number | undefined> {
  const line = (await telemetry.scrape()).split('\n').find((one) => one.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length + 1).replace('Inf', 'Infinity'));
}

const start = (chainId: number) =>
  telemetry.onEvent({ event: 'started', chainId, address: ACCOUNT.slice(0, 42) as never, block: 1n, roles: [] });

const see = async (...args: Parameters<Telemetry['onSnapshot']>) => {
  telemetry.onSnapshot(...args);
  await telemetry.idle();
};

describe('the metrics', () => {
  it('tell how old each source is, as what was known last grows older', async () => {
    await see(snapshot(10n), []);
    expect(await value('tidemark_oracle_age_seconds{market="0",source="service"}')).toBe(10);
    expect(await value('tidemark_oracle_age_seconds{market="0",source="chainlink"}')).toBe(Number.POSITIVE_INFINITY);
    await see(snapshot(20n, {}, { quote: null }), []);
    expect(await value('tidemark_oracle_age_seconds{market="0",source="service"}')).toBe(30);
  });

  it('tell the books, and that a balance is below custody', async () => {
    await see(snapshot(10n), []);
    expect(await value('tidemark_solvency_surplus_usd')).toBe(-10);
    expect(await value('tidemark_solvency_usd{term="netAssetValue"}')).toBe(7);
    expect(await value('tidemark_insurance_ratio')).toBe(0.01);
    expect(await value('tidemark_eth_price_usd')).toBe(2_000);
  });

  it('tell what waits and for how long', async () => {
    await see(snapshot(10n, {}, { pending: [{ index: 1n, committedAt: 1_000n, orders: ['a', 'b'] }] }), []);
    expect(await value('tidemark_orders_waiting{market="0"}')).toBe(2);
    expect(await value('tidemark_settlement_waiting_seconds{market="0"}')).toBe(20);
  });

  it('tell since when an account is due, and how late it was liquidated', async () => {
    await see(snapshot(10n), [liquidate]);
    await see(snapshot(14n), [liquidate]);
    expect(await value('tidemark_liquidations_waiting')).toBe(1);
    expect(await value('tidemark_liquidation_waiting_blocks')).toBe(4);
    told.push({ kind: 'liquidated', account: ACCOUNT, block: 15n });
    await see(snapshot(15n), []);
    expect(await value('tidemark_liquidations_waiting')).toBe(0);
    expect(await value('tidemark_liquidation_lag_blocks_sum')).toBe(5);
    expect(await value('tidemark_liquidation_lag_blocks_count')).toBe(1);
  });

  it('begin anew with an account that recovers', async () => {
    await see(snapshot(10n), [liquidate]);
    await see(snapshot(11n), []);
    await see(snapshot(20n), [liquidate]);
    told.push({ kind: 'liquidated', account: ACCOUNT, block: 21n });
    await see(snapshot(21n), []);
    expect(await value('tidemark_liquidation_lag_blocks_sum')).toBe(1);
  });

  it('count what a settlement cost by layer, in ether and in USD, and what it brought', async () => {
    await see(snapshot(10n), []);
    const cost = { gasUsed: 5n, l2Fee: WAD / 1000n, l1Fee: WAD / 500n, reward: 3n * WAD };
    telemetry.onEvent({ event: 'included', action: settle, hash: KEY, block: 10n, ...cost });
    telemetry.onEvent({ event: 'reverted', action: settle, hash: KEY, block: 10n, ...cost });
    const labels = (layer: string, outcome: string) => `role="settler",layer="${layer}",outcome="${outcome}"`;
    expect(await value(`tidemark_fees_eth_total{${labels('l1', 'included')}}`)).toBe(0.002);
    expect(await value(`tidemark_costs_usd_total{${labels('l2', 'reverted')}}`)).toBe(2);
    expect(await value('tidemark_rewards_usd_total{role="settler"}')).toBe(3);
    expect(await value('tidemark_settled_orders_total')).toBe(2);
    expect(await value('tidemark_order_l1_fee_eth')).toBe(0.001);
  });

  it('tell how much is left undone as unprofitable, until it no longer is', async () => {
    telemetry.onEvent({ event: 'unprofitable', action: settle, reward: 1n, cost: 2n });
    await see(snapshot(10n), [settle]);
    expect(await value('tidemark_unprofitable_actions{role="settler"}')).toBe(1);
    await see(snapshot(11n), []);
    expect(await value('tidemark_unprofitable_actions{role="settler"}')).toBe(0);
  });

  it('tell how long ago roles and code changed, from the start', async () => {
    await see(snapshot(10n), []);
    expect(await value('tidemark_privileged_event_age_seconds{contract="engine",event="Upgraded"}')).toBe(
      Number.POSITIVE_INFINITY,
    );
    told.push({ kind: 'privileged', contract: 'engine', event: 'Upgraded', at: 1_020n });
    await see(snapshot(11n), []);
    await see(snapshot(20n), []);
    expect(await value('tidemark_privileged_event_age_seconds{contract="engine",event="Upgraded"}')).toBe(20);
  });

  it('tell which services serve', async () => {
    const why = new TidemarkError('It is gone.', { next: 'Wait.' });
    telemetry.onEvent({ event: 'rpc-lost', rpc: 'http://rpc.test', why });
    telemetry.onEvent({ event: 'orders-lost', source: 'http://orders.test', why });
    expect(await value('tidemark_rpc_up{rpc="http://rpc.test"}')).toBe(0);
    expect(await value('tidemark_order_service_up{service="http://orders.test"}')).toBe(0);
    telemetry.onEvent({ event: 'rpc-back', rpc: 'http://rpc.test' });
    expect(await value('tidemark_rpc_up{rpc="http://rpc.test"}')).toBe(1);
  });

  it('keep what was read while the chain does not answer', async () => {
    await see(snapshot(10n), []);
    fails = true;
    await see(snapshot(11n), []);
    expect(troubles).toHaveLength(1);
    expect(await value('tidemark_keeper_balance_eth')).toBe(1);
  });
});

describe('the health', () => {
  it('fails before the first block, and when the last one is old', async () => {
    start(901);
    expect(telemetry.health()).toMatchObject({ status: 'failing', block: null });
    await see(snapshot(10n), []);
    now += 60_000;
    expect(telemetry.health()).toMatchObject({ status: 'ok', block: '10', age: 60, roles: ['settler'] });
    await see(snapshot(10n), []);
    now += 1_000;
    expect(telemetry.health()).toMatchObject({ status: 'failing', age: 61 });
  });

  it("goes by the block's own time on a real chain", async () => {
    start(10);
    now = 1_020_000 + 61_000;
    await see(snapshot(10n), []);
    expect(telemetry.health()).toMatchObject({ status: 'failing', age: 61 });
  });

  it('fails when the ether does not pay for one settlement', async () => {
    start(901);
    await see(snapshot(10n), []);
    expect(telemetry.health().status).toBe('ok');
    const poor = { ...reading(11n), balance: 10n ** 15n };
    telemetry = new Telemetry({
      ...{ roles: [], rpcs: [], priceSources: [], orderServices: [], maxAge: 60, now: () => now },
      readings: { contracts: async () => [], read: async () => poor },
    });
    start(901);
    await see(snapshot(11n), []);
    expect(telemetry.health().reasons).toEqual(["The keeper's ether does not pay for one settlement."]);
  });
});

describe('the server', () => {
  let server: TelemetryServer;
  beforeEach(async () => {
    server = await serveTelemetry(telemetry, { host: '127.0.0.1', port: 0 });
  });
  afterEach(() => server.close());
  const get = (path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${server.port}${path}`, init);

  it('serves the metrics, and the health with its status', async () => {
    expect(await (await get('/metrics')).text()).toContain('# TYPE tidemark_block_number gauge');
    expect((await get('/health')).status).toBe(503);
    start(901);
    await see(snapshot(10n), []);
    const health = await get('/health');
    expect(health.status).toBe(200);
    expect(await health.json()).toMatchObject({ status: 'ok', chainId: 901, block: '10' });
  });

  it('serves nothing else', async () => {
    expect((await get('/')).status).toBe(404);
    expect((await get('/metrics', { method: 'POST' })).status).toBe(405);
  });

  it('says in one line that its port is taken', async () => {
    const taken = serveTelemetry(telemetry, { host: '127.0.0.1', port: server.port });
    await expect(taken).rejects.toThrow(TidemarkError);
  });
});

describe('the log', () => {
  const lines: string[] = [];
  const secrets = [KEY, KEY.slice(2), 'hunter2hunter2'];
  const log = (format: 'json' | 'pretty', level: 'debug' | 'warn') => {
    lines.length = 0;
    return makeLog({ format, level, secrets, write: (line) => lines.push(line), now: () => 0 });
  };
  const trouble: KeeperEvent = {
    event: 'trouble',
    why: new TidemarkError(`https://node.test/hunter2hunter2 refuses ${KEY}.`, { next: 'Wait.' }),
  };

  it('writes JSON with whole numbers as text', () => {
    log('json', 'debug')({ event: 'turn', block: 7n });
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { time: '1970-01-01T00:00:00.000Z', level: 'debug', event: 'turn', block: '7' },
    ]);
  });

  it('leaves out what is below its level', () => {
    const write = log('pretty', 'warn');
    write({ event: 'turn', block: 7n });
    write({ event: 'reorg', from: 7n, to: 6n });
    expect(lines).toHaveLength(1);
  });

  it.each(['json', 'pretty'] as const)('tells no secret as %s', (format) => {
    log(format, 'debug')(trouble);
    expect(lines[0]).toContain('node.test');
    expect(lines[0]).not.toMatch(/hunter2|abababab/);
  });
});
