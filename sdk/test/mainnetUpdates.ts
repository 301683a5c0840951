import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Address, type Hex, toHex } from 'viem';
import { ByteReader } from '../src/pyth/byteReader.ts';
import { readVaa, verifyVaa, type WormholeTrust } from '../src/pyth/wormholeVaa.ts';

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
  /** The guardian sets by their index, the first one's included. */
  trusts: readonly WormholeTrust[];
  /** Guardians of a set, with Pyth as whom they sign for. */
  trustOf(guardianSetIndex: number): WormholeTrust;
  /** Each set's announcement, signed by the one before for Wormhole's governance. */
  upgrades: readonly { vaa: Hex; by: WormholeTrust }[];
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
  guardianBootstrap: {
    genesisGuardian: Address;
    governanceChain: number;
    governanceContract: Hex;
    upgradeVAAs: Hex[];
  };
}

/**
 * The updates recorded in the folder of market data, and the guardian sets: replayed from the first guardian on, each
 * upgrade verified under the set before it.
 * @throws {PriceUpdateError} When an upgrade is not signed by its predecessors.
 */
export async function readMainnetUpdates(): Promise<MainnetUpdates> {
  const file = join(process.env.TIDEMARK_DATA ?? '', 'pyth', 'mainnet_updates.json');
  const recorded = JSON.parse(readFileSync(file, 'utf8')) as Recorded;
  const updates = recorded.payloads.map(toUpdate);
  const [priceless, altered] = [updates[8], updates[11]] as [MainnetUpdate, MainnetUpdate];
  const { emitterChain, emitter } = recorded;
  const { trusts, upgrades } = await replayUpgrades(recorded.guardianBootstrap);
  return {
    emitterChain,
    emitter,
    sound: updates.filter((update) => update !== priceless && update !== altered),
    priceless,
    altered,
    trusts,
    trustOf: (index) => ({ ...(trusts[index] as WormholeTrust), emitterChain, emitter }),
    upgrades,
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

/** Wormhole's module of governance that changes guardian sets, and the action that does. */
const CORE_MODULE = BigInt(toHex('Core'));
const GUARDIAN_SET_UPGRADE = 2n;

async function replayUpgrades({ genesisGuardian, upgradeVAAs, ...governance }: Recorded['guardianBootstrap']) {
  let by: WormholeTrust = {
    guardians: [genesisGuardian],
    quorum: 1,
    guardianSetIndex: 0,
    emitterChain: governance.governanceChain,
    emitter: governance.governanceContract,
  };
  const trusts = [by];
  const upgrades: { vaa: Hex; by: WormholeTrust }[] = [];
  for (const vaa of upgradeVAAs) {
    const reader = ByteReader.of(vaa);
    await verifyVaa(readVaa(reader), by, 0);
    upgrades.push({ vaa, by });
    by = { ...by, ...readGuardianSet(reader, by.guardianSetIndex + 1) };
    trusts.push(by);
  }
  return { trusts, upgrades };
}

/** The payload: module 32 | action u8 | chain u16 = 0, every one | index u32 | members u8 | 20 each. */
function readGuardianSet(reader: ByteReader, guardianSetIndex: number) {
  reader.expect(32, CORE_MODULE, 'the module');
  reader.expect(1, GUARDIAN_SET_UPGRADE, 'the action');
  reader.expect(2, 0n, 'the chain');
  reader.expect(4, BigInt(guardianSetIndex), 'the index');
  const guardians = Array.from({ length: reader.count(1, 'the members') }, () => reader.hex(20, 'a member'));
  return { guardianSetIndex, guardians, quorum: Math.floor((guardians.length * 2) / 3) + 1 };
}
