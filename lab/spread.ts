import { generator, normal } from '../devnet/src/random.ts';
import type { Course } from './course.ts';

/**
 * Seconds in which a spread between venues falls to 1/e of itself by arbitrage. A guess: what was measured in crashes is
 * how far the sources stood apart, not for how long.
 */
export const REVERSION = 60;
/** Beyond it a spread hardly goes: where arbitrage is worth any trouble. Share of the price. */
const LIMIT = 0.08;

/**
 * How far a second venue stands from the first, in units of the first one's volatility per minute: a stationary
 * Ornstein-Uhlenbeck process of variance 1. Venues drift apart as fast as the price moves, and arbitrage pulls them
 * together; nothing is in it of outages, of withdrawals that stop, or of a venue that fails.
 */
export function drift(seconds: number, seed: number, reversion = REVERSION): Float64Array {
  const uniform = generator(seed);
  const path = new Float64Array(seconds);
  const keep = Math.exp(-1 / reversion);
  const shock = Math.sqrt(1 - keep * keep);
  let x = normal(uniform);
  for (let i = 0; i < seconds; i++) {
    path[i] = x;
    x = keep * x + shock * normal(uniform);
  }
  return path;
}

/**
 * A second venue's prices: first · (1 + spread), spread = limit · tanh(scale · volatility · drift / limit).
 * @param scale Of the spread to the volatility: chosen for how far the sources then stand apart, see docs/replays.md.
 */
export function secondVenue({ prices, volatility }: Course, units: Float64Array, scale: number): Float64Array {
  return prices.map((price, i) => {
    const spread = scale * (volatility[i] ?? 0) * (units[i] ?? 0);
    return price * (1 + LIMIT * Math.tanh(spread / LIMIT));
  });
}
