import { Desk, type Side } from './desk.ts';
import { CLOSE_AGE } from './oracle.ts';
import type { Path } from './path.ts';

// Traders who know more than the exchange, and what they make of it.

/** What a trader knows and does. */
export interface Strategy {
  name: string;
  /** Seconds of the price source that the trader sees ahead. */
  ahead: number;
  /** Which sides to open now. */
  enter(path: Path, now: number): readonly Side[];
  /** By how much better than the price seen last the fill must be, else the order fails or is released. */
  beyond?: { share: number; released: boolean };
  /** How a side is left: at once by the best update at hand, or by an order at the price seen ahead. */
  exit: 'closeNow' | 'order';
  /** Seconds after which it is left at any price. */
  hold: number;
  /** Before, only with a profit of this share of the price, everything paid. */
  target: number;
  /** What the trader makes of orders that keepers leave to her. */
  choice?: Choice;
}

/** Whether to settle: the trader's own choice as far as no keeper settles first. */
export interface Choice {
  /** Seconds after the commit at which she settles and leaves at once, if that wins anything; else the order lapses. */
  decides: number;
  /** Of so many orders keepers miss one, for good; all others they settle at once. */
  missedOneOf: number;
}

/** Profit of a strategy on a path. */
export interface Played {
  name: string;
  /** Fills and immediate closes. */
  trades: number;
  /** USD, fees paid. */
  profit: number;
}

/** Chainlink's next answer is what was observed this long before it is written; the trader knows it then, seconds. */
const OBSERVED = 10;

/** Share by which the price moves from one second to another; zero where one is missing. */
function move(path: Path, from: number, to: number): number {
  const [before, after] = [path.priceAt(from), path.priceAt(to)];
  return before === 0 || after === 0 ? 0 : after / before - 1;
}

const sideOf = (share: number): Side => (share > 0 ? 'long' : 'short');
const opposite = (side: Side): Side => (side === 'long' ? 'short' : 'long');

/** Opens both sides when the price has moved by a share within ten seconds. */
const both = (ahead: number, least: number) => (path: Path, now: number) =>
  Math.abs(move(path, now + ahead - 10, now + ahead)) >= least ? (['long', 'short'] as const) : [];

/** Opens with the move of what is seen ahead, or against it. */
const seen = (ahead: number, least: number, against: boolean) => (path: Path, now: number) => {
  const share = move(path, now, now + ahead);
  if (share === 0 || Math.abs(share) < least) return [];
  return [against ? opposite(sideOf(share)) : sideOf(share)];
};

/** Opens toward the round that Chainlink is about to write, or away from it, while the last one differs from it. */
const nextAnswer = (least: number, against: boolean) => (path: Path, now: number) => {
  const last = path.roundAt(now);
  const [before, next] = [path.rounds[last], path.rounds[last + 1]];
  if (!before || !next || next.updatedAt - now > OBSERVED) return [];
  const share = Number(next.answer) / Number(before.answer) - 1;
  if (Math.abs(share) < least) return [];
  return [against ? opposite(sideOf(share)) : sideOf(share)];
};

/** Now and then, whatever the price. */
const always = (path: Path, now: number): readonly Side[] =>
  path.priceAt(now) === 0 || now % 200 !== 0 ? [] : [now % 400 === 0 ? 'long' : 'short'];
const AHEAD = 2;
const BP = 1e-4;
const EXITS = { closeNow: 'closing at once', order: 'an order' } as const;

/** With every way of leaving. */
const ways = (strategy: Omit<Strategy, 'exit'>): Strategy[] =>
  (['closeNow', 'order'] as const).map((exit) => ({
    ...strategy,
    name: `${strategy.name}, left by ${EXITS[exit]}`,
    exit,
  }));

/**
 * Orders that are settled when that wins, and else lapse, as far as keepers leave them: at any time, or with a move, when
 * a minute is worth most.
 */
const chosen = (missedOneOf: number) =>
  [
    { when: 'at any time', enter: always },
    { when: 'with 20 bp seen ahead', enter: seen(AHEAD, 20 * BP, false) },
  ].flatMap(({ when, enter }) =>
    [10, 20, 58].flatMap((decides) => {
      const name = `${when}, settled after ${decides} s or not at all`;
      return ways({ name, ahead: AHEAD, enter, hold: 0, target: 0, choice: { decides, missedOneOf } });
    }),
  );

/** Everything that is tried on an exchange whose keepers live. */
export const STRATEGIES: readonly Strategy[] = [
  ...[8, 60].flatMap((hold) =>
    [20, 60].flatMap((least) =>
      ways({
        name: `both sides after ${least} bp, ${hold} s`,
        ahead: AHEAD,
        enter: both(AHEAD, least * BP),
        hold,
        target: 0,
      }),
    ),
  ),
  ...[false, true].flatMap((against) =>
    [5, 20].flatMap((least) => {
      const name = `${against ? 'against' : 'with'} ${least} bp seen ahead, 20 s`;
      return ways({ name, ahead: AHEAD, enter: seen(AHEAD, least * BP, against), hold: 20, target: 0 });
    }),
  ),
  ...[false, true].flatMap((against) => {
    const name = `${against ? 'against' : 'toward'} Chainlink's next answer, 30 s`;
    return ways({ name, ahead: AHEAD, enter: nextAnswer(5 * BP, against), hold: 30, target: 0 });
  }),
  ...[false, true].flatMap((released) => {
    const name = `10 bp better or ${released ? 'released' : 'failed'}, 20 s`;
    return ways({ name, ahead: 0, enter: always, beyond: { share: 10 * BP, released }, hold: 20, target: 0 });
  }),
];

/** Of so many orders keepers may leave one to the trader, and yet choosing whether to settle it wins nothing. */
export const MISSED_ONE_OF = 4;
/** Everything that is tried where keepers leave one order of that many. */
export const CHOSEN = chosen(MISSED_ONE_OF);
/** What the choice would be worth where no keeper lives: shown beside the others, and no promise. */
export const ALONE = chosen(1);

/** Plays a strategy over a path. @param notional Of each order, USD. */
export function play(strategy: Strategy, path: Path, notional: number): Played {
  const desk = new Desk(path, notional);
  const { enter, ahead, hold, beyond, choice } = strategy;
  let orders = 0;
  /** By side: when it was opened, at what price, and what it had won before, USD. */
  const entries = new Map<Side, { at: number; price: number; won: number; missed: boolean }>();
  const leave = (side: Side, waits = false) => {
    if (waits) desk.settle();
    if (strategy.exit === 'order') desk.leave(side);
    else desk.closeNow(side, ahead);
    desk.settle();
  };
  // The end leaves time for everything to be closed.
  const last = path.end - 200;
  for (let now = path.start + 20; now < last || (desk.isOpen() && now < path.end - AHEAD); now++) {
    desk.now = now;
    if (!desk.isOpen()) {
      entries.clear();
      for (const side of now < last ? enter(path, now) : []) {
        const missed = choice !== undefined && ++orders % choice.missedOneOf === 0;
        entries.set(side, { at: now, price: path.priceAt(now + AHEAD), won: desk.wonBy(side), missed });
        desk.open(side, beyond && { ...beyond, seen: path.priceAt(now) });
      }
    }
    for (const [side, { at, price, won, missed }] of entries) {
      const waits = missed && desk.sizeOf(side) === 0n && now - at <= 60;
      if (!waits) desk.settle();
      const wins = () => desk.sizeOf(side) === 0n && desk.wonBy(side) - won > strategy.target * notional;
      if (waits && now - at === choice?.decides) desk.attempt(() => leave(side, true), wins);
      if (desk.sizeOf(side) === 0n) continue;
      if (now - at >= hold) leave(side);
      else if (isBetter(path, side, price, now, ahead)) desk.attempt(() => leave(side), wins);
    }
  }
  return { name: strategy.name, trades: desk.trades, profit: desk.profit };
}

/** Whether a side could be left at a better price than it was opened at: else nothing need be tried. */
function isBetter(path: Path, side: Side, price: number, now: number, ahead: number): boolean {
  for (let time = now - CLOSE_AGE; time <= now + ahead; time++) {
    const seen = path.priceAt(time);
    if (seen !== 0 && (side === 'long' ? seen > price : seen < price)) return true;
  }
  return false;
}
