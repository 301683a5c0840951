import { batchOf, derivativesEngineAbi, tradeFillOf } from '@tidemark/sdk';
import { erc20Abi, parseEventLogs, type TransactionReceipt } from 'viem';
import { useApp } from '../data/store.ts';
import { tradeText } from '../features/orders/model.ts';
import type { OrderRef } from './machine.ts';

/** What a mined call led to: done, or an order that waits for its price. */
export type Outcome = { detail: string } | { order: OrderRef };

/** Reads in a receipt what the call did. Nothing else is needed, so that a reload in between loses nothing. */
export function outcomeOf({ logs }: TransactionReceipt): Outcome {
  const { config } = useApp.getState();
  for (const { eventName, args } of parseEventLogs({ abi: derivativesEngineAbi, logs })) {
    if (eventName === 'BatchCommitted') {
      const { market, index } = batchOf(args);
      return { order: { market: Number(market), index: index.toString() } };
    }
    if (eventName === 'PositionClosed') {
      const { market, ...trade } = tradeFillOf(args);
      return { detail: `closed at ${tradeText(config, Number(market), trade)}` };
    }
    if (eventName === 'Deposited') return { detail: 'in your account' };
    if (eventName === 'Withdrawn') return { detail: 'in your wallet' };
  }
  const [approval] = parseEventLogs({ abi: erc20Abi, eventName: 'Approval', logs });
  return { detail: approval ? 'approved' : 'done' };
}
