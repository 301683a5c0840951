import { LiquidationMath, PriceState } from '@tidemark/sdk';
import { concat, type Hex, keccak256 } from 'viem';
import type { Action } from '../actions.ts';
import type { Snapshot } from '../snapshot.ts';
import type { Endangered } from './endangered.ts';

/** Accounts of one call, as in EngineStorage.sol. */
const MAX_BATCH = 32;
/** Gas of one call at most: so much of a block is had at any time. */
const MAX_GAS = 12_000_000;
/**
 * What a call takes at most: for itself with the update's verification, for each market with its price and what is stored of
 * it, for each account, and for each position with its event and the rounds of deleveraging it may have to go through.
 */
const CALL_GAS = 200_000;
const MARKET_GAS = 150_000;
const ACCOUNT_GAS = 90_000;
const POSITION_GAS = 90_000;
/** Flags planned at once. */
const MAX_FLAGS = 32;

/**
 * Liquidations of whoever may be liquidated, many in one call, largest shortfall first. Where one source stands for both, a
 * breach has to last: flagged first, unless nothing is left of the account, and again when a flag has ended.
 */
export function planLiquidations({ endangered, now }: Snapshot): Action[] {
  const ready: Endangered[] = [];
  const flags: Action[] = [];
  for (const one of endangered) {
    const { account, equity, state, markets, metered } = one;
    const strict = LiquidationMath.isStrict(state, account.flaggedAt, now);
    if (equity < 0n || !strict) {
      if (!metered) ready.push(one);
    } else if (state === PriceState.Single && now > account.flaggedAt + LiquidationMath.FLAG_UNTIL) {
      flags.push({ key: `flag ${account.id}`, kind: 'flag', account: account.id, markets });
    }
  }
  return [...inBatches(ready), ...flags.slice(0, MAX_FLAGS)];
}

interface Batch {
  readonly bring: boolean;
  readonly accounts: Hex[];
  readonly markets: Set<number>;
  positions: number;
}

/** Those whose prices are brought share one update; those for whom the stored ones have to do stay apart. */
function inBatches(ready: readonly Endangered[]): Action[] {
  const batches: Batch[] = [];
  const open = new Map<boolean, Batch>();
  for (const { account, markets } of ready) {
    const bring = markets.length > 0;
    const held = [...account.positions.keys()];
    let batch = open.get(bring);
    if (!batch || batch.accounts.length === MAX_BATCH || gasOf(batch, held) > MAX_GAS) {
      batch = { bring, accounts: [], markets: new Set(), positions: 0 };
      open.set(bring, batch);
      batches.push(batch);
    }
    batch.accounts.push(account.id);
    for (const market of held) batch.markets.add(market);
    batch.positions += held.length;
  }
  return batches.map(({ bring, accounts, markets }) => ({
    key: keyOf(accounts),
    kind: 'liquidate',
    accounts,
    markets: bring ? [...markets].sort((a, b) => a - b) : [],
  }));
}

/** With another account that has positions in these markets. */
function gasOf({ accounts, markets, positions }: Batch, held: readonly number[]): number {
  const union = markets.size + held.filter((market) => !markets.has(market)).length;
  const each = (accounts.length + 1) * ACCOUNT_GAS + (positions + held.length) * POSITION_GAS;
  return CALL_GAS + union * MARKET_GAS + each;
}

function keyOf(accounts: readonly Hex[]): string {
  const [first] = accounts;
  if (accounts.length === 1) return `liquidate ${first}`;
  return `liquidate ${accounts.length} ${keccak256(concat(accounts)).slice(0, 18)}`;
}
