import { concat, type Hex, keccak256, stringToHex } from 'viem';
import type { PriceMessage } from '../feeds/accumulatorWriter.ts';
import type { Round } from '../feeds/chainlinkFeed.ts';

/** What a fault befalls. */
export type FaultSource = 'pyth' | 'chainlink' | 'sequencer' | 'usdc';
export const FAULT_SOURCES: readonly FaultSource[] = ['pyth', 'chainlink', 'sequencer', 'usdc'];

/** A fault that is set. */
export interface ActiveFault {
  readonly name: FaultName;
  readonly source: FaultSource;
  /** Symbol; null for every market. */
  readonly market: string | null;
  /** Multiplies the price, or gives the confidence as a share of it; null where the fault has none. */
  readonly factor: number | null;
  /** Chain time from which it holds, seconds. */
  readonly since: number;
  /** Chain time at which it ends by itself, seconds; null when it does not. */
  readonly until: number | null;
}

/** A message, and the second whose publication it is. */
export interface Publication extends PriceMessage {
  /** Chain time, seconds: what streams are ordered by. */
  readonly slot: number;
}

/** What a fault of Pyth may ask for. */
export interface PythContext {
  readonly fault: ActiveFault;
  /** What is published at a second without faults; undefined where there is no price. */
  messageAt(time: number): Publication | undefined;
}

/** What a fault changes of Pyth's updates. */
export interface PythFault {
  /** The messages in the place of one. */
  readonly messages?: (message: Publication, context: PythContext) => readonly Publication[];
  /** The signers' keys in the place of a quorum's. */
  readonly keys?: (keys: readonly Hex[]) => readonly Hex[];
  /** The update's bytes. */
  readonly bytes?: (update: Hex) => Hex;
}

/** What a fault of Chainlink may ask for. Prices: USD, 8 decimals. */
export interface ChainlinkContext {
  readonly fault: ActiveFault;
  /** The lowest answer that the aggregator takes. */
  readonly minAnswer: bigint;
  /** What is observed at a second without faults; undefined where there is no price. */
  observedAt(time: number): bigint | undefined;
}

/** What a fault changes of Chainlink's rounds. */
export interface ChainlinkFault {
  /** The answer in the place of what was observed. */
  readonly answer?: (observed: bigint, context: ChainlinkContext) => bigint | undefined;
  /** The rounds in the place of one, in the order they are written in. */
  readonly rounds?: (round: Round) => readonly Round[];
}

/** What a fault makes the uptime feed say: a status, or nothing at all. */
export type SequencerFault = { readonly down: boolean } | { readonly unreadable: true };

/** What a fault makes the feed of USDC say. */
export interface UsdcFault {
  /** The answer in the place of one dollar; USD, 8 decimals. */
  readonly answer: (dollar: bigint, factor: number | null) => bigint;
}

/** One kind of fault; it can befall each source that it has an entry for. */
export interface FaultKind {
  /** What it does, in one line. */
  readonly what: string;
  /** The factor unless told otherwise; absent where the fault has none. */
  readonly factor?: number;
  readonly pyth?: PythFault;
  readonly chainlink?: ChainlinkFault;
  readonly sequencer?: SequencerFault;
  readonly usdc?: UsdcFault;
}

/** Seconds by which every other pair of Pyth's seconds, and Chainlink's second round, lie back when out of order. */
export const DISORDER = { pyth: 4, chainlink: 60 } as const;
/** Seconds by which a time lies ahead. */
export const AHEAD = 3600;
/** Decimals by which an exponent is wrong. */
const EXTRA_DECIMALS = 10;

/** `price` times `factor`, which counts to a millionth; towards zero. */
const times = (price: bigint, factor: number | null): bigint =>
  (price * BigInt(Math.round((factor ?? 1) * 1e6))) / 1_000_000n;

/** Changes of the price alone, which both sources know. */
const priced = (change: (price: bigint, factor: number | null) => bigint) => ({
  pyth: {
    messages: (message: Publication, { fault }: PythContext) => [
      { ...message, price: change(message.price, fault.factor) },
    ],
  },
  chainlink: { answer: (observed: bigint, { fault }: ChainlinkContext) => change(observed, fault.factor) },
});

/** A key of nobody's in the signers' set. */
const stranger = (index: number): Hex => keccak256(stringToHex(`stranger ${index}`));

/** Every fault by its name. */
export const FAULTS = {
  stale: {
    what: 'nothing new is published: price and time stay',
    pyth: { messages: (_, { fault, messageAt }) => listed(messageAt(fault.since)) },
    chainlink: { rounds: () => [] },
  },
  frozen: {
    what: 'the price stays, its time goes on',
    pyth: {
      messages: ({ slot, publishTime, prevPublishTime }, { fault, messageAt }) =>
        listed(messageAt(fault.since)).map((message) => ({ ...message, slot, publishTime, prevPublishTime })),
    },
    chainlink: { answer: (_, { fault, observedAt }) => observedAt(fault.since) },
  },
  diverging: { what: 'the price is multiplied: away from the other source', factor: 1.1, ...priced(times) },
  spiking: { what: 'the price is multiplied: out of every credible range', factor: 1000, ...priced(times) },
  negative: { what: 'the price has the opposite sign', ...priced((price) => -price) },
  zero: { what: 'the price is zero', ...priced(() => 0n) },
  'wide-confidence': {
    what: 'the confidence is this share of the price',
    factor: 0.03,
    pyth: {
      messages: (message, { fault }) => [{ ...message, confidence: times(message.price, fault.factor) }],
    },
  },
  'wrong-exponent': {
    what: "the same digits with another exponent: Pyth's positive, Chainlink's answer with ten decimals too many",
    pyth: { messages: (message) => [{ ...message, expo: -message.expo }] },
    chainlink: { answer: (observed) => observed * 10n ** BigInt(EXTRA_DECIMALS) },
  },
  'future-time': {
    what: 'the time lies an hour ahead',
    pyth: {
      messages: (message) => [
        {
          ...message,
          publishTime: message.publishTime + AHEAD,
          prevPublishTime: message.prevPublishTime + AHEAD,
        },
      ],
    },
    chainlink: { rounds: (round) => [{ ...round, updatedAt: round.updatedAt + AHEAD }] },
  },
  'out-of-order': {
    what: 'what was published earlier follows what was published later',
    pyth: {
      messages: (message, { messageAt }) =>
        Math.floor(message.slot / 2) % 2 === 0 ? [message] : listed(messageAt(message.slot - DISORDER.pyth)),
    },
    chainlink: { rounds: (round) => [round, { ...round, updatedAt: round.updatedAt - DISORDER.chainlink }] },
  },
  duplicated: {
    what: "everything twice: Pyth's message a second time in its update, Chainlink's round a second time",
    pyth: { messages: (message) => [message, { ...message, prevPublishTime: message.publishTime }] },
    chainlink: { rounds: (round) => [round, round] },
  },
  padded: {
    what: 'a byte follows the last message',
    pyth: { bytes: (update) => concat([update, '0x00']) },
  },
  'wrong-signer': {
    what: 'signed by as many as are needed, none of whom may sign',
    pyth: { keys: (keys) => keys.map((_, index) => stranger(index)) },
  },
  'too-few-signers': {
    what: 'signed by one fewer than are needed',
    pyth: { keys: (keys) => keys.slice(0, -1) },
  },
  'sequencer-down': {
    what: 'the uptime feed says down; once it ends, up since then',
    sequencer: { down: true },
  },
  'sequencer-up': {
    what: 'the uptime feed says up since just now, so that the grace begins',
    sequencer: { down: false },
  },
  unreadable: {
    what: 'the uptime feed does not answer; once it ends, it says what it said before',
    sequencer: { unreadable: true },
  },
  'at-bound': {
    what: 'the answer is the lowest that the aggregator takes',
    chainlink: { answer: (_, { minAnswer }) => minAnswer },
  },
  'usdc-off-peg': {
    what: 'USDC is worth this many dollars by its feed, in two rounds of it; once it ends, one again',
    factor: 0.97,
    usdc: { answer: times },
  },
} as const satisfies Readonly<Record<string, FaultKind>>;

export type FaultName = keyof typeof FAULTS;

/** A kind by its name, as the general shape. */
export const kindOf = (name: FaultName): FaultKind => FAULTS[name];

/** What a kind can befall, Pyth first. */
export const sourcesOf = (kind: FaultKind): FaultSource[] => FAULT_SOURCES.filter((source) => kind[source]);

function listed<T>(one: T | undefined): T[] {
  return one === undefined ? [] : [one];
}
