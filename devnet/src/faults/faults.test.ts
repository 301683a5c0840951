import { readFileSync } from 'node:fs';
import { DEVNET_PRICE_KEYS } from '@tidemark/deploy';
import { decodeAccumulatorUpdate, PriceUpdatePaddedError } from '@tidemark/sdk';
import { type Hex, recoverAddress } from 'viem';
import { privateKeyToAddress } from 'viem/accounts';
import { beforeEach, describe, expect, it, test } from 'vitest';
import { REFUSALS } from '../../test/faultRefusals.ts';
import { toLine } from '../errors.ts';
import { usdcFeeder } from '../feeder.ts';
import { writeUpdate } from '../feeds/accumulatorWriter.ts';
import { nextRound, type Round } from '../feeds/chainlinkFeed.ts';
import type { PriceSource } from '../prices/source.ts';
import { FaultRefusedError, type FaultRequest, Faults } from './faults.ts';
import {
  AHEAD,
  DISORDER,
  FAULT_SOURCES,
  FAULTS,
  type FaultKind,
  type FaultName,
  type Publication,
  sourcesOf,
} from './table.ts';

const START = 1_700_000_000;
const SET = START + 90;
const NOW = START + 102;
const ETH: Hex = `0x${'e1'.repeat(32)}`;
const MIN_ANSWER = 20n * 10n ** 8n;
const SETTINGS = { thresholdPpm: 1500, heartbeat: 1200, latency: 10 };

/** 2,000 USD and one more each second. */
const priceAt = (time: number) => BigInt(2000 + time - START) * 10n ** 8n;
const source: Pick<PriceSource, 'quoteAt'> = {
  quoteAt: (_, time) => (time < START ? undefined : { price: priceAt(time), confidence: 10n ** 8n, publishTime: time }),
};
const messageAt = (time: number): Publication | undefined =>
  time < START
    ? undefined
    : {
        id: ETH,
        price: priceAt(time),
        confidence: 10n ** 8n,
        expo: -8,
        publishTime: time,
        prevPublishTime: time - 1,
        slot: time,
      };
const sound = messageAt(NOW) as Publication;
const atSet = messageAt(SET) as Publication;

let now: number;
let faults: Faults;

beforeEach(() => {
  now = SET;
  faults = new Faults(['ETH', 'BTC'], () => now);
});

/** Every pair of a fault and a source that the table has. */
const pairs = FAULT_SOURCES.flatMap((befallen) =>
  Object.entries<FaultKind>(FAULTS)
    .filter(([, kind]) => kind[befallen])
    .map(([name]) => `${name} of ${befallen}`),
);

/** What each fault of Pyth makes of the messages of a second, where it changes them. */
const messages: Partial<Record<FaultName, readonly Publication[]>> = {
  stale: [atSet],
  frozen: [{ ...atSet, publishTime: NOW, prevPublishTime: NOW - 1, slot: NOW }],
  diverging: [{ ...sound, price: 231_220_000_000n }],
  spiking: [{ ...sound, price: 210_200_000_000_000n }],
  negative: [{ ...sound, price: -210_200_000_000n }],
  zero: [{ ...sound, price: 0n }],
  'wide-confidence': [{ ...sound, confidence: 6_306_000_000n }],
  'wrong-exponent': [{ ...sound, expo: 8 }],
  'future-time': [{ ...sound, publishTime: NOW + AHEAD, prevPublishTime: NOW + AHEAD - 1 }],
  'out-of-order': [messageAt(NOW - DISORDER.pyth) as Publication],
  duplicated: [sound, { ...sound, prevPublishTime: NOW }],
};

/** What each fault of Pyth makes of an update's bytes, where it changes them. */
const bytes: Partial<Record<FaultName, (update: Hex, without: Hex) => Promise<void>>> = {
  padded: async (update, without) => {
    expect(update).toBe(`${without}00`);
    expect(() => decodeAccumulatorUpdate(update)).toThrow(PriceUpdatePaddedError);
  },
  'wrong-signer': async (update) => {
    const signers = await signersOf(update);
    expect(signers).toHaveLength(3);
    for (const signer of signers) expect(DEVNET_PRICE_KEYS.map(privateKeyToAddress)).not.toContain(signer);
  },
  'too-few-signers': async (update) =>
    expect(await signersOf(update)).toEqual(DEVNET_PRICE_KEYS.slice(0, 2).map(privateKeyToAddress)),
};

const observed = priceAt(NOW - SETTINGS.latency);
const round: Round = { answer: observed, updatedAt: NOW };
/** The round before: of the price ten seconds before the fault was set. */
const last: Round = { answer: priceAt(SET - SETTINGS.latency), updatedAt: SET };

/** The rounds each fault of Chainlink makes of one. */
const rounds: Partial<Record<FaultName, readonly Round[]>> = {
  stale: [],
  frozen: [{ answer: priceAt(SET), updatedAt: NOW }],
  diverging: [{ answer: 230_120_000_000n, updatedAt: NOW }],
  spiking: [{ answer: observed * 1000n, updatedAt: NOW }],
  negative: [{ answer: -observed, updatedAt: NOW }],
  zero: [{ answer: 0n, updatedAt: NOW }],
  'wrong-exponent': [{ answer: observed * 10n ** 10n, updatedAt: NOW }],
  'future-time': [{ answer: observed, updatedAt: NOW + AHEAD }],
  'out-of-order': [round, { answer: observed, updatedAt: NOW - DISORDER.chainlink }],
  duplicated: [round, round],
  'at-bound': [{ answer: MIN_ANSWER, updatedAt: NOW }],
};

async function signersOf(update: Hex) {
  const { vaa } = decodeAccumulatorUpdate(update);
  return Promise.all(
    vaa.signatures.map(({ r, s, v }) => recoverAddress({ hash: vaa.digest, signature: { r, s, yParity: v } })),
  );
}

function written(name: FaultName): readonly Round[] {
  faults.set({ name, source: 'chainlink' });
  now = NOW;
  const seen = faults.chainlink('ETH', NOW, source, MIN_ANSWER);
  const next = nextRound(last, seen.observed, 'ETH', NOW, SETTINGS);
  return next ? seen.rounds(next) : [];
}

describe('a fault of Pyth', () => {
  it.each(Object.keys(messages) as FaultName[])('%s changes the messages, and the bytes are signed', async (name) => {
    faults.set({ name });
    now = NOW;
    const published = faults.messages('ETH', NOW, messageAt);
    expect(published).toEqual(messages[name]);
    const update = await faults.update(['ETH'], NOW, published);
    expect(update).toBe(await writeUpdate(published));
    expect(decodeAccumulatorUpdate(update).messages).toMatchObject(
      published.map(({ price, confidence, expo, publishTime, prevPublishTime }) => ({
        price,
        confidence,
        expo,
        publishTime: BigInt(publishTime),
        prevPublishTime: BigInt(prevPublishTime),
      })),
    );
  });

  it.each(Object.keys(bytes) as FaultName[])('%s changes the bytes, and the messages stay', async (name) => {
    faults.set({ name });
    now = NOW;
    const published = faults.messages('ETH', NOW, messageAt);
    expect(published).toEqual([sound]);
    await bytes[name]?.(await faults.update(['BTC', 'ETH'], NOW, published), await writeUpdate([sound]));
  });

  it('out-of-order publishes every other two seconds in order', () => {
    faults.set({ name: 'out-of-order' });
    const slots = [0, 1, 2, 3, 4].map((second) => faults.messages('ETH', START + 100 + second, messageAt)[0]?.slot);
    expect(slots.map((slot) => (slot ?? 0) - START - 100)).toEqual([0, 1, -2, -1, 4]);
  });

  it('publishes nothing where there is no price', () => {
    now = START - 1;
    faults.set({ name: 'negative' });
    expect(faults.messages('ETH', START - 1, messageAt)).toEqual([]);
    faults.set({ name: 'stale' });
    expect(faults.messages('ETH', NOW, messageAt)).toEqual([]);
  });
});

describe('a fault of Chainlink', () => {
  it.each(Object.keys(rounds) as FaultName[])('%s changes what is written', (name) => {
    expect(written(name)).toEqual(rounds[name]);
  });

  it('leaves its rounds where another market has it', () => {
    faults.set({ name: 'zero', source: 'chainlink', market: 'BTC' });
    expect(faults.chainlink('ETH', NOW, source, MIN_ANSWER).observed.quoteAt('ETH', NOW)?.price).toBe(sound.price);
    expect(faults.chainlink('BTC', NOW, source, MIN_ANSWER).observed.quoteAt('BTC', NOW)?.price).toBe(0n);
  });

  it('zero is written once, and so is what follows it', () => {
    const zero = { answer: 0n, updatedAt: NOW };
    const always = (price: bigint) => ({ quoteAt: () => ({ price, confidence: 1n, publishTime: NOW }) });
    expect(nextRound(zero, always(0n), 'ETH', NOW + 2, SETTINGS)).toBeUndefined();
    expect(nextRound(zero, always(5n), 'ETH', NOW + 2, SETTINGS)).toEqual({ answer: 5n, updatedAt: NOW + 2 });
    const negative = { answer: -10_000n, updatedAt: NOW };
    expect(nextRound(negative, always(-9_986n), 'ETH', NOW + 2, SETTINGS)).toBeUndefined();
    expect(nextRound(negative, always(-9_985n), 'ETH', NOW + 2, SETTINGS)).toBeDefined();
  });
});

test('every fault of the table has its case here', () => {
  const cases = [
    ...[...Object.keys(messages), ...Object.keys(bytes)].map((name) => `${name} of pyth`),
    ...Object.keys(rounds).map((name) => `${name} of chainlink`),
    'usdc-off-peg of usdc',
    ...['sequencer-down', 'sequencer-up', 'unreadable'].map((name) => `${name} of sequencer`),
  ];
  expect(cases.sort()).toEqual(pairs.sort());
});

describe('what is set', () => {
  it('has the factor and the source of the table unless told', () => {
    expect(faults.set({ name: 'spiking' })).toEqual({
      name: 'spiking',
      source: 'pyth',
      market: null,
      factor: 1000,
      since: SET,
      until: null,
    });
    expect(faults.set({ name: 'spiking', source: 'chainlink', market: 'BTC', factor: 0.5, for: 60 })).toMatchObject({
      source: 'chainlink',
      market: 'BTC',
      factor: 0.5,
      until: SET + 60,
    });
    expect(faults.set({ name: 'at-bound' })).toMatchObject({ source: 'chainlink', factor: null });
    expect(faults.set({ name: 'sequencer-down' })).toMatchObject({ source: 'sequencer' });
  });

  it('ends by itself at its second, and not before', () => {
    faults.set({ name: 'zero', for: 60 });
    now = SET + 59;
    expect(faults.messages('ETH', now, messageAt)[0]?.price).toBe(0n);
    now = SET + 60;
    expect(faults.list()).toEqual([]);
    expect(faults.messages('ETH', now, messageAt)).toEqual([messageAt(now)]);
  });

  it('leaves what was published before it', () => {
    faults.set({ name: 'zero' });
    expect(faults.messages('ETH', SET - 1, messageAt)).toEqual([messageAt(SET - 1)]);
    expect(faults.messages('ETH', SET, messageAt)[0]?.price).toBe(0n);
  });

  it('replaces one of the same source and market, and counts before the older one', () => {
    faults.set({ name: 'zero' });
    faults.set({ name: 'negative', market: 'ETH', for: 10 });
    expect(faults.messages('ETH', SET, messageAt)[0]?.price).toBe(-priceAt(SET));
    expect(faults.messages('BTC', SET, messageAt)[0]?.price).toBe(0n);
    faults.set({ name: 'padded', market: 'ETH' });
    faults.set({ name: 'zero', source: 'chainlink' });
    expect(faults.list().map(({ name, source: befallen, market }) => [name, befallen, market])).toEqual([
      ['zero', 'chainlink', null],
      ['padded', 'pyth', 'ETH'],
      ['zero', 'pyth', null],
    ]);
    faults.clear();
    expect(faults.list()).toEqual([]);
  });

  it('is of the sequencer once', () => {
    faults.set({ name: 'sequencer-down' });
    faults.set({ name: 'sequencer-up' });
    expect(faults.list()).toHaveLength(1);
    expect(faults.ofSequencer()).toMatchObject({ name: 'sequencer-up', since: SET });
  });

  it.each<[string, object, string]>([
    ['name', { name: 'slow' }, 'There is no fault slow. There are stale, frozen, '],
    ['name of an object', { name: 'constructor' }, 'There is no fault constructor. '],
    ['market', { name: 'zero', market: 'DOGE' }, 'There is no market DOGE. There are ETH, BTC.'],
    [
      'source',
      { name: 'zero', source: 'band' },
      'There is no source band. There are pyth, chainlink, sequencer, usdc.',
    ],
    ['source for it', { name: 'padded', source: 'chainlink' }, 'padded does not befall chainlink. It befalls pyth.'],
    ['market of the sequencer', { name: 'sequencer-up', market: 'ETH' }, 'the same for every market. Leave the market'],
    ['use of a factor', { name: 'zero', factor: 2 }, 'zero has no factor. Leave it out.'],
    ['factor', { name: 'spiking', factor: 0 }, '0 is no factor. It is above 0 and at most 100000.'],
    ['factor that is so large', { name: 'spiking', factor: 100_001 }, '100001 is no factor. '],
    ['duration', { name: 'zero', for: 1.5 }, 'A fault cannot hold for 1.5 seconds. Name a whole number above 0.'],
    ['field', { name: 'zero', makret: 'ETH' }, 'A fault has no makret. It has name, market, source, factor, for.'],
  ])('is refused with no such %s, and nothing changes', (_, request, line) => {
    const thrown = (() => {
      try {
        return faults.set(request as FaultRequest);
      } catch (error) {
        return error;
      }
    })();
    expect(thrown).toBeInstanceOf(FaultRefusedError);
    expect(toLine(thrown)).toContain(line);
    expect(faults.list()).toEqual([]);
  });

  it('fits the 64 bits of a price at the largest factor', async () => {
    const largest = { ...sound, price: 90_000n * 10n ** 8n };
    faults.set({ name: 'spiking', factor: 100_000 });
    const published = faults.messages('ETH', NOW, () => largest);
    const { messages: read } = decodeAccumulatorUpdate(await faults.update(['ETH'], NOW, published));
    expect(read[0]?.price).toBe(largest.price * 100_000n);
  });
});

describe('a fault of USDC', () => {
  /** What the feed says after each block: the answers, and the chain's time of each. */
  async function fed(faults: Faults, rounds: [bigint, bigint][], from: number, blocks: number) {
    const client = {
      readContract: async ({ functionName, args }: { functionName: string; args?: readonly bigint[] }) => {
        const id = functionName === 'getRoundData' ? Number(args?.[0]) : rounds.length;
        const [answer, updatedAt] = rounds[id - 1] ?? [0n, 0n];
        return [BigInt(id), answer, updatedAt, updatedAt, BigInt(id)];
      },
      writeContract: async ({ args }: { args: readonly [bigint, bigint] }) => void rounds.push([...args]),
    };
    const feed = usdcFeeder(client as never, '0x00000000000000000000000000000000000000aa', faults);
    for (let block = 0; block < blocks; block++) await feed(from + 2 * block);
    return rounds.map(([answer]) => answer);
  }

  it('is written in two rounds, and so is its end', async () => {
    const rounds: [bigint, bigint][] = [];
    expect(await fed(faults, rounds, NOW, 5)).toEqual([100_000_000n, 100_000_000n]);
    faults.set({ name: 'usdc-off-peg', factor: 0.985 });
    expect((await fed(faults, rounds, NOW + 10, 5)).slice(2)).toEqual([98_500_000n, 98_500_000n]);
    faults.clear();
    expect((await fed(faults, rounds, NOW + 20, 5)).slice(4)).toEqual([100_000_000n, 100_000_000n]);
  });

  it('leaves the feed as it is, but for its heartbeat', async () => {
    const rounds: [bigint, bigint][] = [];
    await fed(faults, rounds, NOW, 2);
    expect(await fed(faults, rounds, NOW + 2 + 86_398, 1)).toHaveLength(2);
    expect(await fed(faults, rounds, NOW + 2 + 86_400, 3)).toHaveLength(3);
  });

  it('befalls no market', () => {
    expect(() => faults.set({ name: 'usdc-off-peg', market: 'ETH' })).toThrow('USDC is the same for every market.');
  });
});

test('docs/faults.md has every fault, with what refuses it', () => {
  const doc = readFileSync(new URL('../../../docs/faults.md', import.meta.url), 'utf8');
  const table = doc.split('<!-- faults:start -->\n')[1]?.split('<!-- faults:end -->')[0];
  const refusal = (name: FaultName, kind: FaultKind) =>
    sourcesOf(kind)
      .map((befallen) => {
        const refused = REFUSALS[name][befallen];
        const state = refused?.state ? ` in ${refused.state}` : '';
        return `${befallen}: ${refused ? `\`${refused.error}\`${state}` : 'accepted'}`;
      })
      .join('<br>');
  const rows = Object.entries<FaultKind>(FAULTS).map(
    ([name, kind]) => `| \`${name}\` | ${kind.what} | ${kind.factor ?? ''} | ${refusal(name as FaultName, kind)} |`,
  );
  expect(table).toBe(`| Fault | What it does | Factor | On the chain |\n|---|---|---|---|\n${rows.join('\n')}\n`);
});
