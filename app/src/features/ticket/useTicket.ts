import { FixedPoint } from '@tidemark/sdk/math';
import { useMemo } from 'react';
import { priceAge, useApp, useMarket, useTicks } from '../../data/store.ts';
import { useTxs } from '../../tx/store.ts';
import { useStanding } from '../positions/usePositions.ts';
import { walletStage } from '../wallet/model.ts';
import { useWallet } from '../wallet/store.ts';
import { changeForm as dispatch, useTicketForm } from './form.ts';
import { blocker, elsewhereText, limitPrice, maxLeverageBps, sizeOf } from './model.ts';
import { largestSize, previewOrder } from './preview.ts';

/** Everything the ticket shows, of one form, one block and one price. */
export function useTicket() {
  const form = useTicketForm((state) => state.form);
  const market = useMarket();
  const snapshot = useApp((state) => state.snapshot);
  const config = useApp((state) => state.config);
  const ticks = useTicks((state) => state.ticks);
  const { address, chainId } = useWallet();
  const busy = useTxs(({ txs }) => txs.some(({ state }) => state.stage === 'wallet' || state.stage === 'simulating'));
  const answers = useApp((state) => state.answers);

  const tick = ticks[market.id];
  const state = snapshot?.markets.get(market.id);
  const account = snapshot?.account ?? null;
  const price = tick?.price ?? state?.market.index ?? 0n;
  const size = sizeOf(form, market, price);
  const sign = form.side === 'long' ? 1n : -1n;
  const { reduceOnly } = form;

  const preview = useMemo(() => {
    if (!snapshot || !account || !size) return null;
    return previewOrder({ snapshot, account, ticks, market: market.id, sizeDelta: sign * size, reduceOnly });
  }, [snapshot, account, ticks, market.id, sign, size, reduceOnly]);

  const largest = useMemo(() => {
    if (!snapshot || !account) return 0n;
    const held = account.positions.get(market.id)?.size ?? 0n;
    if (reduceOnly) return held !== 0n && held > 0n !== sign > 0n ? FixedPoint.abs(held) : 0n;
    const step = 10n ** BigInt(12 - market.sizeDecimals);
    return largestSize({ snapshot, account, ticks, market: market.id, reduceOnly: false }, sign, step);
  }, [snapshot, account, ticks, market.id, market.sizeDecimals, sign, reduceOnly]);

  const stage = walletStage(address, chainId, config.chainId);
  const reason = blocker({
    connected: stage !== 'disconnected',
    rightChain: stage !== 'wrongChain',
    answers,
    ether: account?.ether ?? 0n,
    halted: snapshot?.pauseLevel === 2,
    priceAge: priceAge(market.id),
    margin: account?.account.margin ?? 0n,
    size,
    text: form.text,
    failure: preview?.failure ?? null,
    elsewhere: preview?.elsewhere ? elsewhereText(preview.elsewhere, config.markets) : null,
    previewed: preview !== null,
    busy,
    pending: account?.pending ?? 0,
  });
  const equity = useStanding()?.equity ?? 0n;
  const initialBps = Number(state?.config.initialMarginBps ?? 10_000n);
  return {
    form,
    dispatch,
    market,
    tick,
    price,
    size,
    sign,
    preview,
    largest,
    reason,
    stage,
    snapshot,
    account,
    equity,
    maxLeverage: maxLeverageBps(initialBps),
    limit: preview && !preview.failure ? limitPrice(preview.fillPrice, form.side, form.slippageBps) : null,
  };
}

export type TicketState = ReturnType<typeof useTicket>;
