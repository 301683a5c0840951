import { accountId, derivativesEngineAbi, type getAccount } from '@tidemark/sdk';
import {
  type Market,
  type MarketConfig,
  PauseBits,
  type Pool,
  type Position,
  type Queue,
  widen,
  withOrders,
} from '@tidemark/sdk/math';
import { type Address, erc20Abi, type Hex } from 'viem';
import { getBalance, getBlock, readContract } from 'viem/actions';
import type { Config } from '../config.ts';
import { INCLUSION_WINDOW } from '../features/orders/model.ts';
import type { ChainClient } from './client.ts';
import type { PriceSources } from './oracle.ts';
import { type Feeds, readFeeds, readSources } from './sources.ts';

/** One market at a block: funding accrued to the block's time. */
export interface MarketState {
  market: Market;
  config: MarketConfig;
  queue: Queue;
  sources: PriceSources;
}

/** One account at a block. USDC amounts have 6 decimals, ether 18. */
export interface AccountState {
  id: Hex;
  owner: Address;
  account: getAccount.ReturnType;
  positions: ReadonlyMap<number, Position>;
  /** Orders that still bind the account. */
  pending: number;
  claim: bigint;
  usdc: bigint;
  allowance: bigint;
  ether: bigint;
}

/** Everything the page knows of the chain, all of one block. */
export interface Snapshot {
  block: bigint;
  /** The chain's clock, seconds: the page's only "now". */
  timestamp: number;
  pauseLevel: number;
  /** Whether USDC was found off its peg: nothing opens. */
  offPeg: boolean;
  /** What markets may lock of the pool is measured by these: USD, 18 decimals, and whole USD. */
  pool: Pick<Pool, 'cash' | 'value'>;
  /** What withdrawals of all accounts may still take within the clock hour, USD, 18 decimals. */
  withdrawalLeft: bigint;
  feeds: Feeds;
  markets: ReadonlyMap<number, MarketState>;
  account: AccountState | null;
}

/** Reads the newest block and all state of it, or null when `after` is still the newest and the owner has not changed. */
export async function readSnapshot(
  client: ChainClient,
  { config, owner, after }: { config: Config; owner: Address | null; after: Snapshot | null },
): Promise<Snapshot | null> {
  const block = await getBlock(client, { blockTag: 'latest' });
  if (after && after.block === block.number && (after.account?.owner ?? null) === owner) return null;
  const blockNumber = block.number;
  const timestamp = Number(block.timestamp);
  const feeds = after?.feeds ?? (await readFeeds(client, config));
  const engine = { address: config.engine, abi: derivativesEngineAbi, blockNumber } as const;
  const [pool, withdrawalLeft, sources, states, account] = await Promise.all([
    readContract(client, { ...engine, functionName: 'getPool' }),
    readContract(client, { ...engine, functionName: 'withdrawalLeft' }),
    readSources(client, feeds, { blockNumber, timestamp }),
    Promise.all(
      config.markets.map(async ({ id }) => {
        const args = [BigInt(id)] as const;
        const [market, marketConfig, queue] = await Promise.all([
          readContract(client, { ...engine, functionName: 'getAccruedMarket', args }),
          readContract(client, { ...engine, functionName: 'getMarketConfig', args }),
          readContract(client, { ...engine, functionName: 'getQueue', args }),
        ]);
        return [id, { market: widen(market), config: widen(marketConfig), queue: widen(queue) }] as const;
      }),
    ),
    owner ? readAccount(client, config, owner, { blockNumber, timestamp }) : null,
  ]);
  const markets = new Map(
    states.flatMap(([id, state]) => {
      const judged = sources.get(id);
      return judged ? [[id, { ...state, sources: judged }] as const] : [];
    }),
  );
  return {
    block: blockNumber,
    timestamp,
    pauseLevel: pool.pauseLevel & Number(PauseBits.Level),
    offPeg: (pool.pauseLevel & Number(PauseBits.OffPeg)) !== 0,
    pool: widen(pool),
    withdrawalLeft,
    feeds,
    markets,
    account,
  };
}

async function readAccount(
  client: ChainClient,
  config: Config,
  owner: Address,
  { blockNumber, timestamp }: { blockNumber: bigint; timestamp: number },
): Promise<AccountState> {
  const id = accountId(owner);
  const engine = { address: config.engine, abi: derivativesEngineAbi, blockNumber } as const;
  const usdcContract = { address: config.usdc, abi: erc20Abi, blockNumber } as const;
  const [stored, claim, usdc, allowance, ether, positions] = await Promise.all([
    readContract(client, { ...engine, functionName: 'getAccount', args: [id] }),
    readContract(client, { ...engine, functionName: 'claimOf', args: [id] }),
    readContract(client, { ...usdcContract, functionName: 'balanceOf', args: [owner] }),
    readContract(client, { ...usdcContract, functionName: 'allowance', args: [owner, config.engine] }),
    getBalance(client, { address: owner, blockNumber }),
    Promise.all(
      config.markets.map(
        async (market) =>
          [
            market.id,
            widen(
              await readContract(client, { ...engine, functionName: 'getPosition', args: [id, BigInt(market.id)] }),
            ),
          ] as const,
      ),
    ),
  ]);
  const account = withOrders(stored);
  const open = positions.filter(([, position]) => position.size !== 0n);
  const pending = timestamp > account.committedAt + INCLUSION_WINDOW ? 0 : account.pending;
  return { id, owner, account, positions: new Map(open), pending, claim, usdc, allowance, ether };
}
