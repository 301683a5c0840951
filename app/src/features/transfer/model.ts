import { FixedPoint } from '@tidemark/sdk/math';
import { formatUsd, parseFixed } from '../../ui/format.ts';

export type TransferKind = 'deposit' | 'withdraw';

/** What a transfer is judged by. USDC 6 decimals, USD 18. */
export interface TransferFacts {
  kind: TransferKind;
  text: string;
  /** In the wallet. */
  usdc: bigint;
  /** For gas, in the wallet, wei. */
  ether: bigint;
  /** Realised margin. */
  margin: bigint;
  /** Most that may leave now, by the page's own estimate. */
  withdrawable: bigint;
  /** What withdrawals of all accounts may still take within the clock hour. */
  left: bigint;
  pending: number;
  halted: boolean;
  /** Whether the chain answers. */
  answers: boolean;
}

/** @returns USDC units, or null when the text is not an amount. */
export function parseAssets(text: string): bigint | null {
  return parseFixed(text, 6);
}

/** @returns Why it cannot be sent, in words; null when it can. */
export function transferBlocker(facts: TransferFacts): string | null {
  const { kind, text, usdc, ether, withdrawable, left, margin, pending, halted, answers } = facts;
  if (!answers) return 'The chain does not answer. Wait until it does.';
  if (ether === 0n) return 'The wallet has no ether to pay for gas. Bring some first.';
  if (halted && kind === 'withdraw') return 'The exchange is halted. Withdraw when it resumes.';
  if (text.trim() === '') return 'Enter an amount.';
  const assets = parseAssets(text);
  if (assets === null) return 'The amount is not a number with at most 6 decimals.';
  if (assets === 0n) return 'The amount is zero.';
  if (pending > 0) return 'Orders are pending. Wait until they settle, within a minute.';
  if (kind === 'deposit') return assets > usdc ? 'The wallet does not hold that much USDC.' : null;
  const amount = assets * 10n ** 12n;
  if (amount > margin) return `Only realised margin leaves: ${formatUsd(margin, 2, 'floor')}.`;
  if (amount > withdrawable) {
    return `Open positions must keep their margin and 20 % of notional: at most ${formatUsd(withdrawable, 2, 'floor')}.`;
  }
  if (amount > left) {
    return `The exchange pays out ${formatUsd(left, 2, 'floor')} more this hour. Withdraw the rest in the next.`;
  }
  return null;
}

/** Share of notional that "Max" leaves in the account, so that a price moving meanwhile does not refuse it: 25 bp. */
const MOVE_BPS = 25n;

/**
 * What "Max" offers of what may leave.
 * @param notional Of the open positions, USD, 18 decimals.
 */
export function mostToOffer(most: bigint, notional: bigint): bigint {
  return FixedPoint.max(most - (notional * MOVE_BPS) / FixedPoint.BPS, 0n);
}

/**
 * Most that may leave: realised margin, and equity beyond what must stay.
 * @param required What must stay, USD, 18 decimals.
 * @returns USD, 18 decimals, in whole USDC units, rounded down.
 */
export function withdrawable(margin: bigint, equity: bigint, required: bigint): bigint {
  const free = equity - required;
  const most = free < margin ? free : margin;
  return most <= 0n ? 0n : (most / 10n ** 12n) * 10n ** 12n;
}
