import {
  type AnyClient,
  batchOf,
  derivativesEngineAbi,
  getOracle,
  getPool,
  getSolvency,
  governanceAbi,
  liquidityVaultAbi,
  onChain,
  PauseBits,
  parseEngineEvents,
  timelockAbi,
  tradeFillOf,
} from '@tidemark/sdk';
import { type Address, getAbiItem, type Hex, type Log, parseEventLogs } from 'viem';
import { getBalance, getBlock, getLogs, readContract } from 'viem/actions';

/** Blocks before the first that are read for changes of roles and code: an hour of Optimism. */
const LOOK_BACK = 1_800n;
/** Blocks of one log request. */
const LOG_RANGE = 5_000n;

/** The changes of roles and code that are told. */
export const PRIVILEGED_EVENTS = ['RoleGranted', 'RoleRevoked', 'RoleAdminChanged', 'Upgraded'] as const;
const privileged = [
  getAbiItem({ abi: timelockAbi, name: 'RoleGranted' }),
  getAbiItem({ abi: timelockAbi, name: 'RoleRevoked' }),
  getAbiItem({ abi: timelockAbi, name: 'RoleAdminChanged' }),
  getAbiItem({ abi: derivativesEngineAbi, name: 'Upgraded' }),
] as const;
const upgradedAbi = getAbiItem({ abi: liquidityVaultAbi, name: 'Upgraded' });
const work = (['BatchCommitted', 'OrderFilled', 'OrderFailed', 'OrderReleased', 'BatchesExpired'] as const).map(
  (name) => getAbiItem({ abi: derivativesEngineAbi, name }),
);
const liquidated = getAbiItem({ abi: derivativesEngineAbi, name: 'PositionLiquidated' });

export interface ReadingsOptions {
  readonly client: AnyClient;
  readonly engine: Address;
  readonly keeper: Address;
  readonly vault?: Address;
  readonly governor?: Address;
}

/** What is read of the exchange at one block, beside what the keeper's snapshot holds. */
export interface Reading {
  readonly block: bigint;
  readonly solvency: getSolvency.ReturnType;
  readonly offPeg: boolean;
  /** Wei. */
  readonly balance: bigint;
  /** Wei for each unit of gas. */
  readonly baseFee: bigint;
  /** The market whose index is the price of ether; null when the engine names none. */
  readonly gasMarket: number | null;
  /** What was told since the reading before, in the order of the chain. */
  readonly told: readonly Told[];
}

/** What the chain told. */
export type Told =
  | { kind: 'privileged'; contract: string; event: (typeof PRIVILEGED_EVENTS)[number]; at: bigint }
  /** An order was settled: filled, failed or released. */
  | { kind: 'settled'; blocks: bigint; seconds: bigint }
  | { kind: 'expired'; batches: bigint }
  | { kind: 'liquidated'; account: Hex; block: bigint };

/** Reads the exchange's books, and what its contracts told since it was last asked. */
export class Readings {
  readonly #options: ReadingsOptions;
  /** Contracts whose roles and code are watched, by address in lower case. */
  #contracts: ReadonlyMap<string, string> | undefined;
  #scanned: bigint | undefined;
  /** Committed batches that wait, by market and place: the block of their commit. */
  readonly #commits = new Map<string, bigint>();
  /** Times of blocks that told something, seconds. */
  readonly #times = new Map<bigint, bigint>();

  constructor(options: ReadingsOptions) {
    this.#options = options;
  }

  /** The watched contracts' names. @throws {TidemarkError} */
  async contracts(): Promise<string[]> {
    return [...(await this.#watched()).values()];
  }

  /** @throws {TidemarkError} when the chain cannot be read; the next reading tells what this one did not. */
  async read(block: bigint): Promise<Reading> {
    const { client, engine, keeper } = this.#options;
    const at = { engine, blockNumber: block };
    const call = { address: engine, abi: derivativesEngineAbi, functionName: 'gasMarket', blockNumber: block } as const;
    const [solvency, pool, balance, { baseFeePerGas }, gasMarket] = await Promise.all([
      getSolvency(client, at),
      getPool(client, at),
      onChain(() => getBalance(client, { address: keeper, blockNumber: block })),
      onChain(() => getBlock(client, { blockNumber: block })),
      onChain(() => readContract(client, call)),
    ]);
    return {
      block,
      solvency,
      offPeg: (BigInt(pool.pauseLevel) & PauseBits.OffPeg) !== 0n,
      balance,
      baseFee: baseFeePerGas ?? 0n,
      gasMarket: gasMarket < 64n ? Number(gasMarket) : null,
      told: await this.#listen(block),
    };
  }

  async #watched(): Promise<ReadonlyMap<string, string>> {
    const { client, engine, vault, governor } = this.#options;
    if (this.#contracts) return this.#contracts;
    const named: [string, Address][] = [
      ['engine', engine],
      ['oracle', await getOracle(client, { engine })],
    ];
    if (vault) named.push(['vault', vault]);
    if (governor) {
      const call = { address: governor, abi: governanceAbi, functionName: 'timelock' } as const;
      named.push(['governor', governor], ['timelock', await onChain(() => readContract(client, call))]);
    }
    this.#contracts = new Map(named.map(([name, address]) => [address.toLowerCase(), name]));
    return this.#contracts;
  }

  async #listen(to: bigint): Promise<Told[]> {
    const { client, engine } = this.#options;
    const watched = await this.#watched();
    const first = this.#scanned === undefined;
    const before = first ? (to > LOOK_BACK ? to - LOOK_BACK : 0n) - 1n : (this.#scanned as bigint);
    // After a reorg to a lower block nothing is told twice: what comes again was told.
    if (before >= to) return [];
    const told: Told[] = [];
    const done: string[] = [];
    for (let fromBlock = before + 1n; fromBlock <= to; fromBlock += LOG_RANGE) {
      const toBlock = fromBlock + LOG_RANGE - 1n < to ? fromBlock + LOG_RANGE - 1n : to;
      const stretch = { fromBlock, toBlock };
      const address = [...watched.keys()] as Address[];
      const logs = await onChain(() =>
        getLogs(client, { address, events: [...privileged, ...work, liquidated] as never, ...stretch }),
      );
      for (const log of logs as Log<bigint, number, false>[]) {
        const one = await this.#hear(log, engine, watched, done);
        // What was settled before this began is history, not lag.
        if (one && (!first || one.kind === 'privileged')) told.push(one);
      }
    }
    for (const key of done) this.#commits.delete(key);
    this.#scanned = to;
    for (const block of this.#times.keys()) if (block + LOOK_BACK < to) this.#times.delete(block);
    return told;
  }

  async #hear(
    log: Log<bigint, number, false>,
    engine: Address,
    watched: ReadonlyMap<string, string>,
    done: string[],
  ): Promise<Told | null> {
    const [change] = parseEventLogs({ abi: [...privileged, upgradedAbi], logs: [log as Log] });
    if (change) {
      const contract = watched.get(log.address.toLowerCase()) as string;
      return { kind: 'privileged', contract, event: change.eventName, at: await this.#timeOf(log.blockNumber) };
    }
    const [event] = parseEngineEvents({ engine, logs: [log as Log] });
    switch (event?.eventName) {
      case 'BatchCommitted': {
        const { market, index } = batchOf(event.args);
        this.#commits.set(`${market} ${index}`, log.blockNumber);
        return null;
      }
      case 'OrderFilled':
        return this.#settled(tradeFillOf(event.args), log.blockNumber, done);
      case 'OrderFailed':
      case 'OrderReleased':
        return this.#settled(event.args, log.blockNumber, done);
      case 'BatchesExpired': {
        const { market, from, to } = event.args;
        for (let index = from; index < to; index++) done.push(`${market} ${index}`);
        return { kind: 'expired', batches: to - from };
      }
      case 'PositionLiquidated':
        return { kind: 'liquidated', account: event.args.account, block: log.blockNumber };
      default:
        return null;
    }
  }

  async #settled(
    { market, index }: { market: bigint; index: bigint },
    block: bigint,
    done: string[],
  ): Promise<Told | null> {
    const key = `${market} ${index}`;
    const committed = this.#commits.get(key);
    if (committed === undefined) return null;
    done.push(key);
    const seconds = (await this.#timeOf(block)) - (await this.#timeOf(committed));
    return { kind: 'settled', blocks: block - committed, seconds };
  }

  async #timeOf(blockNumber: bigint): Promise<bigint> {
    const known = this.#times.get(blockNumber);
    if (known !== undefined) return known;
    const { timestamp } = await onChain(() => getBlock(this.#options.client, { blockNumber }));
    this.#times.set(blockNumber, timestamp);
    return timestamp;
  }
}
