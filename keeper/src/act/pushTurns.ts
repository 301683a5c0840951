import { type Market, parseEngineEvents } from '@tidemark/sdk';
import type { Address, Log } from 'viem';
import type { Action } from '../actions.ts';

/** Where a transaction stands in the chain. */
interface Inclusion {
  readonly transactionIndex: number;
  readonly logs: readonly Log[];
}

/**
 * Whether a push came after another of one of its markets in the same block.
 * @param block The engine's logs of that block.
 */
export function cameSecond({ transactionIndex, logs }: Inclusion, block: readonly Log[], engine: Address): boolean {
  const marketsOf = (some: readonly Log[]) =>
    parseEngineEvents({ engine, logs: some }).flatMap(({ eventName, args }) =>
      eventName === 'MarketUpdated' ? [args.market] : [],
    );
  const own = marketsOf(logs);
  const before = marketsOf(block.filter((log) => (log.transactionIndex ?? 0) < transactionIndex));
  return before.some((market) => own.includes(market));
}

/**
 * Lets one of several keepers push: who came second lets a push wait for a block from then on, in which the other's makes
 * it needless, until one of its own was the first again.
 */
export class PushTurns {
  #yields = false;
  #block = -1n;
  /** Markets that were due at the last block, with the time of their index, and at the one before. */
  #due = new Map<number, bigint | undefined>();
  #before: ReadonlyMap<number, bigint | undefined> = this.#due;

  /** Of what is planned in view of a block, what is attempted. */
  take(actions: readonly Action[], { block, markets }: Seen): readonly Action[] {
    const indexAt = (market: number) => markets[market]?.market.indexAt;
    if (block !== this.#block) [this.#block, this.#before, this.#due] = [block, this.#due, new Map()];
    for (const action of actions)
      if (action.kind === 'updateIndices') for (const one of action.markets) this.#due.set(one, indexAt(one));
    if (!this.#yields) return actions;
    // Whatever has an index that nobody has moved since it was due.
    const hasWaited = (market: number) => this.#before.has(market) && this.#before.get(market) === indexAt(market);
    return actions.filter(
      (action) => action.kind !== 'updateIndices' || action.markets.length === 0 || action.markets.some(hasWaited),
    );
  }

  /** Notes how a push fared. */
  note(isSecond: boolean): void {
    this.#yields = isSecond;
  }
}

/** What is looked at of a snapshot. */
interface Seen {
  readonly block: bigint;
  readonly markets: readonly { readonly market: Pick<Market, 'indexAt'> }[];
}
