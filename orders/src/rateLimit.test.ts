import { describe, expect, it } from 'vitest';
import { clientOf, RateLimit } from './rateLimit.ts';

describe('RateLimit', () => {
  it('gives what a bucket holds at once, then evenly', () => {
    let now = 0;
    const limit = new RateLimit({ perSecond: 2, burst: 3 }, () => now);
    expect([1, 1, 1, 1].map((tokens) => limit.take('a', tokens))).toEqual([0, 0, 0, 1]);
    expect(limit.take('b', 3)).toBe(0);
    now += 500;
    expect([limit.take('a', 1), limit.take('a', 1)]).toEqual([0, 1]);
    now += 60_000;
    expect([limit.take('a', 3), limit.take('a', 2)]).toEqual([0, 1]);
  });

  it('tells how long to wait, and takes nothing meanwhile', () => {
    const limit = new RateLimit({ perSecond: 2, burst: 10 }, () => 0);
    expect(limit.take('a', 4)).toBe(0);
    expect(limit.take('a', 9)).toBe(2);
    expect(limit.take('a', 6)).toBe(0);
  });

  it('forgets those that have not asked for longest', () => {
    const limit = new RateLimit({ perSecond: 1, burst: 1 }, () => 0);
    expect(limit.take('first', 1)).toBe(0);
    for (let i = 0; i < 50_000; i++) limit.take(`${i}`, 1);
    expect(limit.take('first', 1)).toBe(0);
    expect(limit.take('49999', 1)).toBe(1);
  });
});

describe('clientOf', () => {
  it.each([
    ['127.0.0.1', undefined, '127.0.0.1'],
    ['::ffff:10.0.0.1', undefined, '10.0.0.1'],
    ['2001:db8:1:2:3:4:5:6', undefined, '2001:db8:1:2::/64'],
    ['2001:db8::1', undefined, '2001:db8:0:0::/64'],
    ['::1', undefined, '0:0:0:0::/64'],
    [undefined, undefined, 'unknown'],
    // What a client writes itself stands before what the proxy adds.
    ['127.0.0.1', '6.6.6.6, 10.0.0.9', '10.0.0.9'],
  ])('%s, forwarded for %s, is %s', (remote, forwarded, client) => {
    expect(clientOf(remote, forwarded)).toBe(client);
  });
});
