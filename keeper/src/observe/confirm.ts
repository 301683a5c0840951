import { ContractRefusedError, type Price, PriceState, riskManagerAbi } from '@tidemark/sdk';
import type { Address } from 'viem';
import type { Endangered } from '../plan/endangered.ts';
import type { Reader } from './reader.ts';

/** Accounts confirmed at one look at the chain, those with the largest shortfall: more than a block can liquidate. */
const MAX_CONFIRMED = 256;

/**
 * The accounts that the contract itself, at the prices at hand, finds below maintenance: `RiskManager.previewLiquidation`, the
 * calculation that executes, over what is stored at the reader's block. It tells what each pays, and whether a meter holds
 * it up; not whether one source must have found it so for a minute, which is the planner's to judge.
 * @throws {TidemarkError} when the chain cannot be read.
 */
export async function confirm(
  reader: Reader,
  { riskManager, found }: { riskManager: Address | undefined; found: readonly Endangered[] },
): Promise<Endangered[]> {
  const asked = found.slice(0, MAX_CONFIRMED);
  if (!riskManager) return asked;
  const confirmed = await Promise.all(
    asked.map(async (one) => {
      // In another state the contract's verdict would wait for the flag.
      const prices = one.prices.map((price): Price => ({ ...price, state: PriceState.Normal }));
      const call = { address: riskManager, abi: riskManagerAbi, args: [one.account.id, prices] } as const;
      const verdict = await reader.read({ ...call, functionName: 'previewLiquidation' }).catch((error) => {
        if (error instanceof ContractRefusedError) return null;
        throw error;
      });
      if (!verdict?.[0].due) return null;
      const [{ closed, reward }] = verdict;
      return { ...one, reward, metered: closed === 0n };
    }),
  );
  return confirmed.filter((one) => one !== null);
}
