import type { Progress } from './indexing.ts';

/** What a sync tells of itself. */
export interface Reading {
  /** Of the way, 0 to 1. */
  readonly share: number;
  readonly eventsPerSecond: number;
  /** Null while nothing can be said. */
  readonly secondsLeft: number | null;
}

/** Milliseconds by whose pace the rest is reckoned. */
const WINDOW_MS = 15_000;
const BAR = 24;

/** Measures how fast a sync is. */
export class ProgressMeter {
  #readings: { at: number; block: bigint; events: number }[] = [];

  /** @param at Milliseconds. */
  read({ from, block, to, events }: Progress, at: number): Reading {
    this.#readings.push({ at, block, events });
    while ((this.#readings[1]?.at ?? at) < at - WINDOW_MS) this.#readings.shift();
    const [first] = this.#readings;
    const seconds = (at - (first?.at ?? at)) / 1000;
    const blocks = Number(block - (first?.block ?? block));
    return {
      share: to > from ? Number(block - from) / Number(to - from) : 1,
      eventsPerSecond: seconds > 0 ? (events - (first?.events ?? events)) / seconds : 0,
      secondsLeft: blocks > 0 && seconds > 0 ? (Number(to - block) * seconds) / blocks : null,
    };
  }
}

/** One line: a bar, the rate and the time that is left. */
export function progressLine({ block, to }: Progress, { share, eventsPerSecond, secondsLeft }: Reading): string {
  const full = Math.floor(share * BAR);
  const bar = '█'.repeat(full).padEnd(BAR, '░');
  const left = secondsLeft === null ? '' : `, ${durationOf(secondsLeft)} left`;
  const rate = Math.round(eventsPerSecond).toLocaleString('en');
  return `${bar} ${Math.floor(share * 100)} %, block ${block} of ${to}, ${rate} events/s${left}`;
}

function durationOf(seconds: number): string {
  const whole = Math.ceil(seconds);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min ${whole % 60} s` : `${whole} s`;
}
