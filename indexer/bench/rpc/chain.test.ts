import {
  accountId,
  marketOf,
  parseEngineEvents,
  positionLiquidationOf,
  settlementOf,
  tradeFillOf,
} from '@tidemark/sdk';
import { type Log, numberToHex } from 'viem';
import { describe, expect, it } from 'vitest';
import { type Chain, ENGINE, makeChain } from './chain.ts';
import { Node } from './methods.ts';

const SIZE = { seed: 7, traders: 30, events: 1_000, spare: 3 };
const chain = makeChain(SIZE);
const logsOf = ({ blocks }: Chain) => blocks.flatMap(({ logs }) => logs.map(({ json }) => JSON.parse(json) as Log));

describe('chain of the bench', () => {
  it('is the same for the same seed', () => {
    expect(makeChain(SIZE).blocks.at(-1)?.hash).toBe(chain.blocks.at(-1)?.hash);
    expect(makeChain({ ...SIZE, seed: 8 }).blocks.at(-1)?.logs).not.toEqual(chain.blocks.at(-1)?.logs);
  });

  it('has events that the SDK reads and that add up to the markets they tell', () => {
    const sizes = new Map<string, bigint>();
    const counts = new Map<string, number>();
    let compared = 0;
    const change = (market: bigint, account: string, sizeDelta: bigint, size: bigint) => {
      const key = `${market} ${account}`;
      sizes.set(key, (sizes.get(key) ?? 0n) + sizeDelta);
      expect(sizes.get(key)).toBe(size);
    };
    for (const { eventName, args } of parseEngineEvents({ engine: ENGINE, logs: logsOf(chain) })) {
      counts.set(eventName, (counts.get(eventName) ?? 0) + 1);
      if (eventName === 'OrderFilled' || eventName === 'PositionClosed') {
        const { market, sizeDelta, size } = tradeFillOf(args);
        change(market, args.account, sizeDelta, size);
      } else if (eventName === 'PositionLiquidated') {
        const { sizeDelta, size } = positionLiquidationOf(args);
        change(args.market, args.account, sizeDelta, size);
      } else if (eventName === 'BatchesSettled' || eventName === 'MarketUpdated') {
        const held = [...sizes].filter(([key]) => key.startsWith(`${args.market} `)).map(([, size]) => size);
        const total = held.reduce((sum, size) => sum + size, 0n);
        const { longs, shorts } = marketOf(args);
        expect(longs - shorts).toBe(total);
        if (eventName === 'BatchesSettled') expect(settlementOf(args.cash).margin).toBeGreaterThan(0n);
        compared++;
      }
    }
    expect(compared).toBeGreaterThan(200);
    for (const name of [
      'OrderFailed',
      'OrderReleased',
      'PositionClosed',
      'PositionLiquidated',
      'Deposited',
      'Credited',
    ])
      expect(counts.get(name)).toBeGreaterThan(0);
    expect(counts.get('MarketListed')).toBe(4);
  });

  it('counts the events of its blocks without the spare ones', () => {
    expect(chain.blocks).toHaveLength(chain.last + 1 + SIZE.spare);
    expect(chain.allEvents).toBe(logsOf({ ...chain, blocks: chain.blocks.slice(0, chain.last + 1) }).length);
    expect(chain.events).toBeGreaterThanOrEqual(SIZE.events);
    expect(chain.events).toBeLessThan(chain.allEvents);
  });
});

describe('node of the bench', () => {
  const node = new Node(chain);
  const ask = (method: string, ...params: unknown[]) => JSON.parse(node.answer(method, params));

  it('shows nothing beyond its head', () => {
    node.setHead(100);
    expect(ask('eth_blockNumber')).toBe('0x64');
    expect(ask('eth_getBlockByNumber', 'latest', false).hash).toBe(chain.blocks[100]?.hash);
    expect(ask('eth_getBlockByNumber', '0x65', false)).toBeNull();
    expect(ask('eth_getBlockByHash', chain.blocks[101]?.hash, false)).toBeNull();
    expect(() => node.setHead(chain.blocks.length)).toThrow('There is no block');
  });

  it('finds logs by range, address and topics', () => {
    node.setHead(chain.last);
    const range = { fromBlock: '0x1', toBlock: '0x32' };
    const all: Log[] = ask('eth_getLogs', range);
    expect(all).toHaveLength(chain.blocks.slice(1, 51).flatMap(({ logs }) => logs).length);
    const topic = all[0]?.topics[0];
    const some: Log[] = ask('eth_getLogs', { ...range, address: [ENGINE], topics: [[topic]] });
    expect(some).toEqual(all.filter(({ topics }) => topics[0] === topic));
    expect(ask('eth_getLogs', { ...range, address: accountId(ENGINE).slice(0, 42) })).toEqual(
      ask('eth_getLogs', { ...range, address: ENGINE }),
    );
    expect(ask('eth_getLogs', { ...range, address: numberToHex(1, { size: 20 }) })).toEqual([]);
  });

  it('tells the transaction of each log with its block', () => {
    const [log] = chain.blocks[5]?.logs.map(({ json }) => JSON.parse(json)) ?? [];
    const block = ask('eth_getBlockByNumber', '0x5', true);
    const found = block.transactions.find(({ hash }: { hash: string }) => hash === log.transactionHash);
    expect(found).toMatchObject({ transactionIndex: log.transactionIndex, blockHash: block.hash });
    expect(ask('eth_getTransactionByHash', log.transactionHash)).toEqual(found);
  });
});
