import { derivativesEngineAbi, marketOrder, orderOf, riskManagerAbi } from '@tidemark/sdk';
import type { Hex } from 'viem';
import { readContract } from 'viem/actions';
import type { MarketInfo } from '../../config.ts';
import { judgePrice, stateOf } from '../../data/oracle.ts';
import { fetchUpdate } from '../../data/prices.ts';
import { setTicks, useApp } from '../../data/store.ts';
import { send } from '../../tx/send.ts';
import { formatSize } from '../../ui/format.ts';
import { priceRefusal } from '../markets/status.ts';
import { failureText, fillPrice } from '../orders/model.ts';
import { limitPrice } from './model.ts';

/** Thrown when an order that looked fillable no longer is at the newest price. */
class OrderRefused extends Error {
  constructor({ reason, next }: { reason: string; next: string }) {
    super(`${reason} ${next}`);
  }
}

/** Quotes an order once more by the contract's own preview at the newest price: the mean price it would fill at. */
export async function quote(order: { account: Hex; market: MarketInfo; sizeDelta: bigint; reduceOnly: boolean }) {
  const { client, config, snapshot } = useApp.getState();
  const { account, market, sizeDelta, reduceOnly } = order;
  const { ticks } = await fetchUpdate(config.prices, [market.feedId]);
  const tick = ticks.find(([feed]) => feed === market.feedId.toLowerCase())?.[1];
  const state = snapshot?.markets.get(market.id);
  if (!tick || !state) throw new Error('The price server sent no price. Wait for it to recover and retry.');
  setTicks([[market.id, tick]]);
  const price = judgePrice(tick, state.sources);
  const refusal = priceRefusal(stateOf(price));
  if (refusal) throw new OrderRefused(refusal);
  const [outcome] = await readContract(client, {
    address: config.riskManager,
    abi: riskManagerAbi,
    functionName: 'previewOrder',
    args: [BigInt(market.id), orderOf(marketOrder({ account, sizeDelta, reduceOnly })), price],
  });
  if (outcome.failure !== 0) throw new OrderRefused(failureText(outcome.failure));
  return fillPrice(outcome.cost, outcome.sizeDelta);
}

/** Commits a market order, quoted again at the last moment so that its bound is of the newest price. */
export function commitOrder(order: {
  account: Hex;
  market: MarketInfo;
  sizeDelta: bigint;
  reduceOnly: boolean;
  slippageBps: number;
}): Promise<boolean> {
  const { account, market, sizeDelta, reduceOnly, slippageBps } = order;
  const { config } = useApp.getState();
  const verb = reduceOnly ? 'Reduce by' : sizeDelta > 0n ? 'Long' : 'Short';
  return send(`${verb} ${formatSize(sizeDelta, market.sizeDecimals)} ${market.symbol}`, async () => {
    const expected = await quote(order);
    const limit = limitPrice(expected, sizeDelta > 0n ? 'long' : 'short', slippageBps);
    return {
      address: config.engine,
      abi: derivativesEngineAbi,
      functionName: 'commit',
      args: [BigInt(market.id), [orderOf({ account, sizeDelta, limitPrice: limit, reduceOnly })]],
    };
  });
}
