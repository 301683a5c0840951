import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { riskManagerAbi } from '@tidemark/sdk';
import { type EngineState, encodeStorage, initialState } from '@tidemark/sdk/model';
import {
  type Address,
  createClient,
  encodeFunctionData,
  type Hex,
  http,
  publicActions,
  testActions,
  walletActions,
} from 'viem';
import { multicall } from 'viem/actions';
import { deployContract, link, readArtifact } from '../../deploy/src/index.ts';
import { ACCOUNTS } from '../../devnet/src/accounts.ts';
import { devnetChain } from '../../devnet/src/chain.ts';
import { DevnetError } from '../../devnet/src/errors.ts';
import { foundryBinary } from '../../scripts/foundry.mjs';
import type { HealthIndex } from '../src/health/healthIndex.ts';
import type { AccountSnapshot } from '../src/snapshot.ts';
import type { Stored } from './plainHealth.ts';
import type { Scenario } from './scenario.ts';
import type { NaiveResult } from './verdict.ts';

const guard = fileURLToPath(new URL('../../devnet/src/guard.mjs', import.meta.url));
/** What the views never ask. */
const NOBODY: Address = `0x${'11'.repeat(20)}`;
const LIBRARIES = ['DeleveragingMath', 'RiskParameters'];
/** Words written by one request; accounts asked by one call, as many as the code of a contract's creation may name; calls at once. */
const WORDS = 2000;
const CHUNK = 150;
const AT_ONCE = 2;
const FACTOR = 10n ** 27n;

/** The engine on a chain, with accounts that were written into its storage. */
interface NaiveKeeper {
  /** Of the last block, seconds. */
  readonly now: bigint;
  /** Every account, by `getHealth` of the risk manager in multicalls: at the markets' indices. */
  list(ids: readonly Hex[]): Promise<{ liquidatable: Hex[]; ms: number; calls: number }>;
  end(): Promise<void>;
}

/** Asks the contract who is liquidatable of what the index holds, and the index at the same prices. */
export async function measureNaive(
  index: HealthIndex,
  scenario: Scenario,
  port: number,
  say: (line: string) => void,
): Promise<NaiveResult> {
  const accounts = [...index.accounts()];
  const markets = new Map<number, Stored>();
  for (const [id, { market, config }] of scenario.markets)
    markets.set(id, { market: { ...market, index: scenario.priceOf(id).mid }, config });
  say('writing the accounts into the storage of a chain');
  const keeper = await naiveKeeper(markets, accounts, scenario.now, port);
  try {
    for (const [id, { market, config }] of markets) index.setMarket(id, market, config);
    const bands = new Map([...markets].map(([id, { market }]) => [id, { lo: market.index, hi: market.index }]));
    const own = new Set(index.due(bands, keeper.now).map(({ id }) => id));
    say('asking for every account by multicall');
    const { liquidatable, ms, calls } = await keeper.list(accounts.map(({ id }) => id));
    const both = liquidatable.filter((id) => own.has(id)).length;
    const differences = liquidatable.length + own.size - 2 * both;
    return { ms: Math.round(ms), calls, due: liquidatable.length, differences };
  } finally {
    await keeper.end();
  }
}

/**
 * Starts a chain with the engine on it.
 * @param now Time of its last block, seconds.
 */
async function naiveKeeper(
  markets: ReadonlyMap<number, Stored>,
  accounts: readonly AccountSnapshot[],
  now: bigint,
  port: number,
): Promise<NaiveKeeper> {
  const args = ['--chain-id', `${devnetChain.id}`, '--port', `${port}`, '--host', '127.0.0.1', '--quiet'];
  args.push('--timestamp', `${now - 3600n}`, '--disable-code-size-limit');
  args.push('--hardfork', 'prague', '--disable-block-gas-limit');
  const child = spawn(process.execPath, [guard, foundryBinary('anvil'), ...args], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const exited = once(child, 'exit');
  const end = async () => {
    if (child.connected) child.disconnect();
    await exited;
  };
  try {
    const rpc = `http://127.0.0.1:${port}`;
    const transport = http(rpc, { timeout: 600_000, retryCount: 0 });
    const client = createClient({
      account: ACCOUNTS.admin,
      chain: devnetChain,
      transport,
      pollingInterval: 50,
      cacheTime: 0,
    })
      .extend(publicActions)
      .extend(walletActions)
      .extend(testActions({ mode: 'anvil' }));
    while (child.exitCode === null && !(await client.getChainId().catch(() => 0)))
      await new Promise((resolve) => setTimeout(resolve, 50));
    if (child.exitCode !== null) throw new DevnetError('The chain ended at once, see above.', 'Try another --port.');
    const libraries: Record<string, Address> = {};
    const create = (name: string, ...given: unknown[]) =>
      deployContract(client, link(readArtifact(name), libraries), given);
    for (const name of LIBRARIES) libraries[name] = await create(name);
    const desk = await create('OrderDesk', NOBODY, NOBODY);
    const deleverager = await create('Deleverager', NOBODY, NOBODY, desk);
    const extension = await create('EngineExtension', NOBODY, NOBODY, deleverager);
    const liquidator = await create('Liquidator', NOBODY, NOBODY);
    const code = await create('DerivativesEngine', NOBODY, NOBODY, extension, liquidator, desk);
    const { abi } = readArtifact('EngineExtension');
    const initialize = encodeFunctionData({ abi, functionName: 'initialize', args: [ACCOUNTS.admin.address] });
    const engine = await create('ERC1967Proxy', code, initialize);
    const risk = await create('RiskManager', engine);
    await write(rpc, engine, encodeStorage(stateOf(markets, accounts), code));
    await client.setNextBlockTimestamp({ timestamp: now });
    await client.mine({ blocks: 1 });
    const block = await client.getBlock();
    return {
      now: block.timestamp,
      end,
      async list(ids) {
        const began = performance.now();
        const liquidatable: Hex[] = [];
        let [next, calls] = [0, 0];
        const ask = async () => {
          while (next < ids.length) {
            const asked = ids.slice(next, next + CHUNK);
            next += CHUNK;
            calls++;
            const contracts = asked.map((id) => {
              return { address: risk, abi: riskManagerAbi, functionName: 'getHealth', args: [id] } as const;
            });
            const found = await multicall(client, { contracts, allowFailure: false, deployless: true, batchSize: 0 });
            for (const [i, health] of found.entries()) if (health.liquidatable) liquidatable.push(asked[i] as Hex);
          }
        };
        await Promise.all(Array.from({ length: AT_ONCE }, ask));
        return { liquidatable, ms: performance.now() - began, calls };
      },
    };
  } catch (error) {
    await end();
    throw error;
  }
}

function stateOf(markets: ReadonlyMap<number, Stored>, accounts: readonly AccountSnapshot[]): EngineState {
  const state = initialState(ACCOUNTS.admin.address);
  state.marketCount = BigInt(markets.size);
  for (const [id, { market, config }] of markets) {
    state.markets.set(BigInt(id), market);
    state.configs.set(BigInt(id), config);
  }
  for (const { id, account, positions, claim } of accounts) {
    state.accounts.set(id, account);
    for (const [market, position] of positions) state.positions.set(`${id}/${market}`, position);
    if (claim > 0n) state.claimOf.set(id, { amount: claim, factor: FACTOR, round: 0n });
    state.claims.outstanding += claim;
  }
  state.claims.factor = FACTOR;
  state.pool.claimsOpen = true;
  return state;
}

/** Writes words of a contract's storage. */
async function write(rpc: string, address: Address, words: ReadonlyMap<bigint, bigint>): Promise<void> {
  const hex = (value: bigint) => `0x${value.toString(16).padStart(64, '0')}`;
  const all = [...words];
  for (let from = 0; from < all.length; from += WORDS) {
    const requests = all.slice(from, from + WORDS).map(([slot, word], id) => {
      return { jsonrpc: '2.0', id, method: 'anvil_setStorageAt', params: [address, hex(slot), hex(word)] };
    });
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(rpc, { method: 'POST', headers, body: JSON.stringify(requests) });
    const results = (await answer.json()) as { result?: boolean }[];
    if (results.length !== requests.length || !results.every(({ result }) => result))
      throw new Error('The chain does not take the storage of the accounts.');
  }
}
