import { NO_LIMIT } from '@tidemark/sdk';
import type { MarketInfo } from '../../config.ts';
import { MAX_PRICE_AGE } from '../../data/prices.ts';
import { parseFixed, toInput } from '../../ui/format.ts';
import type { Elsewhere } from './preview.ts';

export type Side = 'long' | 'short';
export type Unit = 'base' | 'usd';

/** What somebody has entered. The size is the one truth; leverage follows from it. */
export interface TicketForm {
  side: Side;
  unit: Unit;
  text: string;
  reduceOnly: boolean;
  slippageBps: number;
}

export const emptyForm: TicketForm = { side: 'long', unit: 'usd', text: '', reduceOnly: false, slippageBps: 50 };

export type TicketAction =
  | { type: 'side'; side: Side }
  | { type: 'text'; text: string }
  | { type: 'unit'; unit: Unit; text: string }
  | { type: 'reduceOnly'; reduceOnly: boolean }
  | { type: 'slippage'; slippageBps: number }
  | { type: 'clear' };

export function reduceForm(form: TicketForm, action: TicketAction): TicketForm {
  switch (action.type) {
    case 'side':
      return { ...form, side: action.side };
    case 'text':
      return { ...form, text: action.text };
    case 'unit':
      return { ...form, unit: action.unit, text: action.text };
    case 'reduceOnly':
      return { ...form, reduceOnly: action.reduceOnly };
    case 'slippage':
      return { ...form, slippageBps: Math.max(1, Math.min(1_000, Math.trunc(action.slippageBps))) };
    case 'clear':
      return { ...form, text: '' };
  }
}

const pow = (digits: number) => 10n ** BigInt(digits);

/** Rounds a size (12 decimals) down to what the market lets people type. */
export function roundSize(size: bigint, market: MarketInfo): bigint {
  const step = pow(12 - market.sizeDecimals);
  return (size / step) * step;
}

/**
 * Unsigned size of the form, base units, 12 decimals, rounded down.
 * @param price USD per base unit, 18 decimals.
 * @returns Null when the text is not a number.
 */
export function sizeOf(form: TicketForm, market: MarketInfo, price: bigint): bigint | null {
  const typed = parseFixed(form.text, form.unit === 'base' ? 12 : 18);
  if (typed === null) return null;
  if (form.unit === 'base') return roundSize(typed, market);
  return price === 0n ? null : roundSize((typed * pow(12)) / price, market);
}

/** The text that shows a size in a unit. */
export function textOf(size: bigint, unit: Unit, market: MarketInfo, price: bigint): string {
  if (size === 0n) return '';
  return unit === 'base' ? toInput(size, 12, market.sizeDecimals) : toInput(size * price, 30, 2, 'ceil');
}

/**
 * Worst acceptable mean price: the expected fill moved by the slippage bound against the trader.
 * @param expected USD per base unit, 18 decimals.
 */
export function limitPrice(expected: bigint, side: Side, slippageBps: number): bigint {
  const bps = BigInt(slippageBps);
  const limit = side === 'long' ? (expected * (10_000n + bps)) / 10_000n : (expected * (10_000n - bps)) / 10_000n;
  return limit > NO_LIMIT ? NO_LIMIT : limit;
}

/** Largest leverage when opening, in basis points of 1×: 10,000 / initial margin. */
export function maxLeverageBps(initialMarginBps: number): number {
  return Math.floor(100_000_000 / initialMarginBps);
}

/** Why the account's other markets keep an order from being taken, with what to do. */
export function elsewhereText(elsewhere: Elsewhere, markets: readonly MarketInfo[]): { reason: string; next: string } {
  const symbol = markets.find(({ id }) => id === elsewhere.market)?.symbol ?? `market ${elsewhere.market}`;
  if (elsewhere.kind === 'pending')
    return {
      reason: `Your orders in ${symbol} wait for their price, and orders wait in one market at a time.`,
      next: 'Order here when they have settled, in a minute at most.',
    };
  return {
    reason: `The price of ${symbol}, in which you have a position, is ${elsewhere.age} s old on the chain.`,
    next: 'Wait until it is fresh, or only reduce.',
  };
}

/** Everything that can keep the button from working, first found first. */
export interface ButtonFacts {
  connected: boolean;
  rightChain: boolean;
  /** Whether the chain answers. */
  answers: boolean;
  /** Ether for gas in the wallet, wei. */
  ether: bigint;
  priceAge: number | null;
  halted: boolean;
  margin: bigint;
  size: bigint | null;
  text: string;
  failure: { reason: string; next: string } | null;
  /** What other markets of the account refuse the order by. */
  elsewhere: { reason: string; next: string } | null;
  previewed: boolean;
  busy: boolean;
  pending: number;
}

/** @returns Why an order cannot be sent, in words with what to do; null when it can. */
export function blocker(facts: ButtonFacts): string | null {
  if (!facts.connected) return 'Connect a wallet to trade.';
  if (!facts.rightChain) return 'Your wallet is on another chain. Switch it.';
  if (!facts.answers) return 'The chain does not answer. Wait until it does.';
  if (facts.halted) return 'The exchange is halted. Wait until it resumes.';
  if (facts.priceAge === null) return 'Waiting for the first price.';
  if (facts.priceAge > MAX_PRICE_AGE) return `The price is ${facts.priceAge} s old. Wait for a fresh one.`;
  if (facts.margin === 0n) return 'The account is empty. Deposit USDC first.';
  if (facts.ether === 0n) return 'The wallet has no ether to pay for gas. Bring some first.';
  if (facts.text.trim() === '') return 'Enter a size.';
  if (facts.size === null) return 'The size is not a number.';
  if (facts.size === 0n) return 'The size is below the smallest step.';
  if (facts.pending >= 8) return 'Eight orders are pending. Wait until they settle.';
  if (facts.elsewhere) return `${facts.elsewhere.reason} ${facts.elsewhere.next}`;
  if (facts.failure) return `${facts.failure.reason} ${facts.failure.next}`;
  if (facts.busy) return 'Confirm the open request in your wallet.';
  if (!facts.previewed) return 'Checking on the chain.';
  return null;
}
