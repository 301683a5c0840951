import {
  batchOf,
  derivativesEngineAbi,
  getUpdateFee,
  PriceServiceClient,
  parseEngineEvents,
  tradeFillOf,
} from '@tidemark/sdk';
import { encodeFunctionData, type Hex, numberToHex } from 'viem';
import { getLogs } from 'viem/actions';
import { waitingKey } from './crowd.ts';
import type { BlockRecord, History } from './judge.ts';
import { AFTER, type FaultKind } from './schedule.ts';
import { type AccountView, readViews } from './views.ts';
import type { World } from './world.ts';

/**
 * Accounts whose equity at the stored indices is below this many percent of maintenance are asked about: prices move less
 * than that away from the indices within a few blocks.
 */
const NEAR = 160n;

/** What the newest block shows. */
export interface Look {
  readonly views: readonly AccountView[];
  readonly indices: readonly bigint[];
}

/** Looks at every block when it is the newest, by the chain alone: nothing that a keeper tells is asked. */
export class Auditor {
  readonly #world: World;
  readonly #prices: PriceServiceClient;
  readonly #records = new Map<bigint, BlockRecord & { orders: number }>();
  readonly #firstBlock: bigint;
  #fault: FaultKind | null = null;
  #lastFaulty = -1_000n;

  constructor(world: World) {
    this.#world = world;
    this.#prices = new PriceServiceClient({ url: world.stage.prices });
    this.#firstBlock = world.stage.block + 1n;
  }

  /** From now on blocks lie in this fault; null when it is over. */
  setFault(fault: FaultKind | null): void {
    this.#fault = fault;
  }

  /** Orders that the canonical chain holds. */
  get orders(): number {
    return [...this.#records.values()].reduce((sum, { orders }) => sum + orders, 0);
  }

  get records(): BlockRecord[] {
    return [...this.#records.values()].sort((a, b) => Number(a.number - b.number));
  }

  /** @param number The newest block: one that had its number before is no longer there. */
  async look(number: bigint): Promise<Look> {
    const { stage, traders } = this.#world;
    const { admin, deployment } = stage;
    const { engine, riskManager, markets } = deployment;
    const where = { engine, riskManager, markets: markets.length };
    const [{ timestamp }, look, logs] = await Promise.all([
      admin.getBlock({ blockNumber: number }),
      readViews(
        admin,
        where,
        traders.map(({ id }) => id),
        Number(stage.now),
      ),
      getLogs(admin, { address: engine, fromBlock: number, toBlock: number }),
    ]);
    let orders = 0;
    for (const { eventName, args } of parseEngineEvents({ engine, logs }))
      if (eventName === 'BatchCommitted') orders += batchOf(args).orders.length;
    if (this.#fault) this.#lastFaulty = number;
    this.#records.set(number, {
      number,
      time: Number(timestamp),
      fault: this.#fault,
      counts: number > this.#lastFaulty + BigInt(AFTER),
      liquidatable: await this.#liquidatable(look.views),
      orders,
    });
    return look;
  }

  /** Those whose liquidation, with the newest prices, the contract accepts. */
  async #liquidatable(views: readonly AccountView[]): Promise<Hex[]> {
    const near = views.filter(({ equity, maintenance }) => maintenance > 0n && equity * 100n < maintenance * NEAR);
    if (near.length === 0) return [];
    const { admin, deployment } = this.#world.stage;
    const { engine, pyth, markets } = deployment;
    const prices = new Map<string, Promise<{ update: readonly Hex[]; value: bigint }>>();
    const pricesOf = (view: AccountView) => {
      const held = markets.filter((_, market) => view.positions[market]?.size !== 0n).map(({ feedId }) => feedId);
      const key = held.join();
      const known =
        prices.get(key) ??
        this.#prices.latest(held).then(async ({ update }) => ({
          update,
          value: await getUpdateFee(admin, { pyth, update }),
        }));
      prices.set(key, known);
      return known;
    };
    const accepted = await Promise.all(
      near.map(async (view) => {
        const { update, value } = await pricesOf(view);
        const args = [view.id, update] as const;
        const data = encodeFunctionData({ abi: derivativesEngineAbi, functionName: 'liquidate', args });
        const call = { from: admin.account?.address, to: engine, data, value: numberToHex(value) };
        return admin.request({ method: 'eth_call', params: [call, 'latest'] } as never).then(
          () => true,
          (error: unknown) => {
            if (isRevert(error)) return false;
            throw error;
          },
        );
      }),
    );
    return near.filter((_, i) => accepted[i]).map(({ id }) => id);
  }

  /** How many of the orders that were given to an order service came to the chain. */
  async fired(waiting: ReadonlySet<string>): Promise<number> {
    const { admin, deployment } = this.#world.stage;
    const { engine } = deployment;
    const logs = await getLogs(admin, { address: engine, fromBlock: this.#firstBlock, toBlock: 'latest' });
    const came = new Set<string>();
    for (const { eventName, args } of parseEngineEvents({ engine, logs }))
      if (eventName === 'BatchCommitted') for (const order of batchOf(args).orders) came.add(waitingKey(order));
    return [...waiting].filter((key) => came.has(key)).length;
  }

  /** What the chain as it is now tells of all blocks looked at. */
  async history(): Promise<History> {
    const { admin, deployment } = this.#world.stage;
    const { engine } = deployment;
    const logs = await getLogs(admin, { address: engine, fromBlock: this.#firstBlock, toBlock: 'latest' });
    const committed = new Map<string, History['committed'][number]>();
    const settled = new Map<string, History['settled'][number]>();
    const expired: { market: bigint; from: bigint; to: bigint; block: bigint }[] = [];
    const liquidated: { account: Hex; block: bigint }[] = [];
    for (const { eventName, args, blockNumber: block } of parseEngineEvents({ engine, logs })) {
      if (eventName === 'BatchCommitted') {
        const { market, index, orders } = batchOf(args);
        committed.set(`${market} ${index}`, { market, index, block, orders: orders.length });
      } else if (eventName === 'OrderFilled') {
        const { market, index } = tradeFillOf(args);
        settled.set(`${market} ${index}`, { market, index, block });
      } else if (eventName === 'OrderFailed' || eventName === 'OrderReleased') {
        const { market, index } = args;
        settled.set(`${market} ${index}`, { market, index, block });
      } else if (eventName === 'BatchesExpired') {
        const { market, from, to } = args;
        expired.push({ market, from, to, block });
      } else if (eventName === 'PositionLiquidated') {
        liquidated.push({ account: args.account, block });
      }
    }
    return { committed: [...committed.values()], settled: [...settled.values()], expired, liquidated };
  }
}

/** The node answered, and what it ran reverted. */
function isRevert(error: unknown): boolean {
  for (let one = error as { code?: number; cause?: unknown } | undefined; one; one = one.cause as typeof one)
    if (one.code === 3 || /revert/i.test(String((one as Error).message))) return true;
  return false;
}
