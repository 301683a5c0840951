/** Tokens of each client address: a bucket that fills evenly. */
export interface Rate {
  /** Tokens per second. */
  readonly perSecond: number;
  /** What a bucket holds. */
  readonly burst: number;
}

export const DEFAULT_RATE: Rate = { perSecond: 5, burst: 100 };

/** Addresses remembered; those that have not asked for longest are forgotten first. */
const MAX_ADDRESSES = 50_000;

/** Limits how often an address may ask. */
export class RateLimit {
  readonly #rate: Rate;
  readonly #now: () => number;
  readonly #buckets = new Map<string, { tokens: number; at: number }>();

  /** @param now Milliseconds, of a clock that never goes back. */
  constructor(rate: Rate, now: () => number = () => performance.now()) {
    [this.#rate, this.#now] = [rate, now];
  }

  /** Takes tokens. @returns Seconds until there are as many, rounded up; zero when they are taken. */
  take(address: string, tokens: number): number {
    const { perSecond, burst } = this.#rate;
    const now = this.#now();
    const bucket = this.#buckets.get(address) ?? { tokens: burst, at: now };
    const filled = Math.min(burst, bucket.tokens + ((now - bucket.at) / 1000) * perSecond);
    const left = filled - tokens;
    this.#buckets.delete(address);
    this.#buckets.set(address, { tokens: left < 0 ? filled : left, at: now });
    if (this.#buckets.size > MAX_ADDRESSES) {
      const [oldest] = this.#buckets.keys();
      if (oldest !== undefined) this.#buckets.delete(oldest);
    }
    return left < 0 ? Math.ceil(-left / perSecond) : 0;
  }
}

/**
 * Whose bucket a request draws on: its address, of IPv6 the 64 bits that one customer has.
 * @param forwarded `X-Forwarded-For`, where a proxy of ours writes it: the last entry is the proxy's own.
 */
export function clientOf(remote: string | undefined, forwarded?: string): string {
  const address = (forwarded?.split(',').at(-1)?.trim() || remote || 'unknown').slice(0, 64);
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  if (mapped?.[1]) return mapped[1];
  if (!address.includes(':')) return address;
  const [head = '', tail] = address.split('::');
  const groups = head.split(':').filter((group) => group !== '');
  const missing = tail === undefined ? 0 : 8 - groups.length - tail.split(':').filter((group) => group !== '').length;
  const whole = [...groups, ...Array.from({ length: Math.max(0, missing) }, () => '0'), ...(tail?.split(':') ?? [])];
  return `${whole.slice(0, 4).join(':')}::/64`;
}
