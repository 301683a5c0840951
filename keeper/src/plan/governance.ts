import { FixedPoint, type MarketConfig, ParameterRamp, PriceState } from '@tidemark/sdk';
import type { Action, Waiting } from '../actions.ts';
import type { MarketSnapshot, ProposalSnapshot, Snapshot } from '../snapshot.ts';
import { isSettled, presentOf } from './present.ts';

const HOUR = ParameterRamp.HOUR;

/** What waits though it passed, for people to know. Pure. */
export function waiting({ now, proposals }: Snapshot): Waiting[] {
  return proposals.map(({ id, dueAt, expiresAt }) => {
    const wait = (waits: Waiting['waits'], until: bigint) => ({ key: `${id} ${waits}`, proposal: id, waits, until });
    if (dueAt === null) return wait('to be queued', expiresAt);
    return now < dueAt ? wait('for its time', dueAt) : wait('to be executed', expiresAt);
  });
}

/** Ends a pause that has outlasted its time; queues what passed, and executes it when it is due. */
export function planProposals({ pauseExpired, proposals, now }: Snapshot): Action[] {
  const expiry: Action[] = pauseExpired ? [{ key: 'expirePause', kind: 'expirePause' }] : [];
  return [...expiry, ...proposals.flatMap((proposal) => planProposal(proposal, now))];
}

function planProposal({ id: proposal, dueAt }: ProposalSnapshot, now: bigint): Action[] {
  if (dueAt === null) return [{ key: `queueProposal ${proposal}`, kind: 'queueProposal', proposal }];
  if (now < dueAt) return [];
  return [{ key: `executeProposal ${proposal}`, kind: 'executeProposal', proposal }];
}

/** Puts scheduled parameters in force: once in each hour in which some have moved, at their step, and at their end. */
export function planParameters({ markets, now }: Snapshot): Action[] {
  return markets
    .filter((market) => !isSettled(market) && isBehind(market, now))
    .map(({ id }) => ({ key: `advanceParameters ${id} ${now / HOUR}`, kind: 'advanceParameters', market: id }));
}

/**
 * Whether what is in force falls short of what was due at the last full hour. Each parameter moves one way from its beginning
 * to its end, so one put in force since then has gone further.
 */
function isBehind({ schedule, config, keeperFeeCents }: MarketSnapshot, now: bigint): boolean {
  if (!schedule) return false;
  if (now >= schedule.endsAt) return true;
  const hour = now - (now % HOUR);
  if (hour <= schedule.startedAt) return false;
  const due = ParameterRamp.dueAt(schedule, hour);
  if (due.stepped && keeperFeeCents !== schedule.keeperFeeCents) return true;
  const names = (Object.keys(due.config) as (keyof MarketConfig)[]).filter((name) => name !== 'flags');
  const gone = (name: keyof MarketConfig, to: bigint) => FixedPoint.abs(to - schedule.from[name]);
  return names.some((name) => gone(name, config[name]) < gone(name, due.config[name]));
}

/** Ends markets whose announced time has come: at what the oracle closes them at, else at a price in Normal. */
export function planEnds({ markets, now }: Snapshot): Action[] {
  return markets.flatMap((market): Action[] => {
    const { id, settlesAt, closingPrice } = market;
    if (settlesAt === 0n || now < settlesAt || isSettled(market)) return [];
    const end = (markets: number[]): Action[] => [
      { key: `settleMarket ${id}`, kind: 'settleMarket', market: id, markets },
    ];
    if (closingPrice !== 0n) return end([]);
    return presentOf(market, now).brought?.state === PriceState.Normal ? end([id]) : [];
  });
}
