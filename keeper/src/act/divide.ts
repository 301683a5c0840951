import { ContractRefusedError, type TidemarkError } from '@tidemark/sdk';
import type { Action } from '../actions.ts';
import { GasLimitError } from '../errors.ts';

/**
 * The parts that an action may be done in when it was refused as a whole: halves of what needs too much gas, each market
 * alone of prices that a contract refuses together. None where that makes no difference.
 */
export function divide(action: Action, why: TidemarkError): Action[] {
  if (action.kind === 'updateIndices' && action.markets.length > 1) {
    if (!(why instanceof ContractRefusedError || why instanceof GasLimitError)) return [];
    return action.markets.map((market) => ({ ...action, key: `updateIndices ${market}`, markets: [market] }));
  }
  if (!(why instanceof GasLimitError)) return [];
  if (action.kind === 'settle' && action.batches.length > 1) {
    const half = Math.ceil(action.batches.length / 2);
    const index = action.index + BigInt(half);
    return [
      { ...action, batches: action.batches.slice(0, half) },
      { ...action, key: `settle ${action.market} ${index}`, index, batches: action.batches.slice(half) },
    ];
  }
  if (action.kind === 'liquidate' && action.accounts.length > 1) {
    return halves(action.accounts).map((accounts, i) => ({ ...action, key: keyOf(action, i), accounts }));
  }
  if (action.kind === 'commitSigned' && action.orders.length > 1) {
    return halves(action.orders).map((orders, i) => ({ ...action, key: keyOf(action, i), orders }));
  }
  return [];
}

/** The first part goes by the key of the whole, so that the whole is not done beside it. */
const keyOf = ({ key }: Action, part: number) => (part === 0 ? key : `${key} ${part}`);

function halves<one>(all: readonly one[]): one[][] {
  const half = Math.ceil(all.length / 2);
  return [all.slice(0, half), all.slice(half)];
}
