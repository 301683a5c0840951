import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Address, Hex } from 'viem';
import { ByteReader } from '../src/pyth/byteReader.ts';
import { readVaa } from '../src/pyth/wormholeVaa.ts';

/** One signed update of Pythnet, with what others read in it. */
export interface MainnetUpdate {
  /** Its number. */
  name: string;
  hex: Hex;
  guardianSetIndex: number;
  /** Seconds. */
  timestamp: bigint;
  /** Feeds of its messages, prices or not. */
  feeds: readonly Hex[];
  /** Empty when its messages are no prices. */
  prices: readonly {
    id: Hex;
    price: bigint;
    confidence: bigint;
    expo: number;
    publishTime: bigint;
    prevPublishTime: bigint;
  }[];
}

export interface MainnetUpdates {
  emitterChain: number;
  emitter: Hex;
  sound: readonly MainnetUpdate[];
  /** Its messages are of another kind. */
  priceless: MainnetUpdate;
  /** One byte of a proof was altered. */
  altered: MainnetUpdate;
  /** Members of each guardian set. */
  guardians: ReadonlyMap<number, readonly Address[]>;
}

interface Recorded {
  emitterChain: number;
  emitter: Hex;
  payloads: {
    index: number;
    hex: Hex;
    type: 'price' | 'twap';
    gsi: number;
    ts: number;
    ids: string[];
    ups: { id: string; price: string; conf: string; expo: number; pt: number; ppt: number }[];
  }[];
  guardianBootstrap: { upgradeVAAs: Hex[] };
}

/** The updates recorded in the folder of market data. */
export function readMainnetUpdates(): MainnetUpdates {
  const file = join(process.env.TIDEMARK_DATA ?? '', 'pyth', 'mainnet_updates.json');
  const recorded = JSON.parse(readFileSync(file, 'utf8')) as Recorded;
  const updates = recorded.payloads.map(toUpdate);
  const [priceless, altered] = [updates[8], updates[11]] as [MainnetUpdate, MainnetUpdate];
  return {
    emitterChain: recorded.emitterChain,
    emitter: recorded.emitter,
    sound: updates.filter((update) => update !== priceless && update !== altered),
    priceless,
    altered,
    guardians: new Map(recorded.guardianBootstrap.upgradeVAAs.map(readGuardianSet)),
  };
}

function toUpdate({ index, hex, type, gsi, ts, ids, ups }: Recorded['payloads'][number]): MainnetUpdate {
  const prices = (type === 'price' ? ups : []).map(({ id, price, conf, expo, pt, ppt }) => ({
    id: `0x${id}` as const,
    price: BigInt(price),
    confidence: BigInt(conf),
    expo,
    publishTime: BigInt(pt),
    prevPublishTime: BigInt(ppt),
  }));
  return {
    name: `${index}`,
    hex,
    guardianSetIndex: gsi,
    timestamp: BigInt(ts),
    feeds: ids.map((id) => `0x${id}` as const),
    prices,
  };
}

/** A guardian set as its predecessor signed it: module 32 | action u8 | chain u16 | index u32 | members u8 | 20 each. */
function readGuardianSet(vaa: Hex): [number, Address[]] {
  const reader = ByteReader.of(vaa);
  readVaa(reader);
  reader.bytes(35, 'module, action and chain');
  const index = reader.count(4, 'the index');
  return [index, Array.from({ length: reader.count(1, 'the members') }, () => reader.hex(20, 'a member'))];
}
