import { DEVNET_PRICE_KEYS } from '@tidemark/deploy';
import { decodeAccumulatorUpdate, type PriceMessage, type WormholeTrust } from '@tidemark/sdk';
import { type Hex, hexToBytes, keccak256, numberToBytes, toHex } from 'viem';
import { privateKeyToAddress } from 'viem/accounts';
import { readMainnetUpdates } from '../../../sdk/test/mainnetUpdates.ts';
import { isWhole, type Parts, takeApart } from '../../../sdk/test/updateParts.ts';
import { type PriceMessage as Written, writeUpdate } from '../../src/feeds/accumulatorWriter.ts';

/** Who is trusted, and everything that they ever signed. */
export interface Signers {
  name: string;
  trust: WormholeTrust;
  /** Private keys of a quorum, when they are ours. */
  keys?: readonly Hex[];
  /** Each message that was signed, as `messageKey` tells it. */
  signed: Set<string>;
}

/** A sound update. */
export interface Base {
  signers: Signers;
  parts: Parts;
  feeds: readonly Hex[];
}

/** All that a message says, in one text, with the slot that it was signed in. */
export const messageKey = (slot: bigint, message: PriceMessage): string =>
  [slot, ...Object.values(message)].map(String).join();

const EMITTER = {
  emitterChain: 26,
  emitter: '0xe101faedac5851e32b9b23b5f9411a8c2bac4aae3ed4dd7b811dd1a72ea4aa71',
} as const;
const GUARDIAN_KEYS = Array.from({ length: 19 }, (_, i) => keccak256(toHex(`guardian ${i} of a test`)));
const START = 1_700_000_000;

function ownSigners(name: string, keys: readonly Hex[], quorum: number, guardianSetIndex: number): Signers {
  const guardians = keys.map((key) => privateKeyToAddress(key));
  return {
    name,
    trust: { guardians, quorum, guardianSetIndex, ...EMITTER },
    keys: keys.slice(0, quorum),
    signed: new Set(),
  };
}

/** Signs of every sign and width. */
const message = (i: number, publishTime: number): Written => ({
  id: keccak256(toHex(i)),
  price: i % 3 === 2 ? -(2n ** 63n) + BigInt(i) : 2000_00000000n + BigInt(i) * 12_345n,
  confidence: i % 4 === 3 ? 2n ** 64n - 1n : 1_000_000n * BigInt(i),
  expo: i % 5 === 4 ? -(2 ** 31) : -8,
  publishTime,
  prevPublishTime: publishTime - (i % 2),
});

/** @param count Messages. @param slot Seconds after the start, so that no two updates are of one slot. */
async function ownBase(signers: Signers, count: number, slot: number, keys = signers.keys): Promise<Base> {
  const messages = Array.from({ length: count }, (_, i) => message(i, START + slot));
  const parts = takeApart(await writeUpdate(messages, keys));
  parts.set = numberToBytes(signers.trust.guardianSetIndex, { size: 4 });
  for (const { price, confidence, expo, ...one } of messages) {
    const times = { publishTime: BigInt(one.publishTime), prevPublishTime: BigInt(one.prevPublishTime) };
    const means = { emaPrice: price, emaConfidence: confidence };
    signers.signed.add(messageKey(BigInt(START + slot), { id: one.id, price, confidence, expo, ...times, ...means }));
  }
  return { signers, parts, feeds: messages.map(({ id }) => id) };
}

/** Updates signed by 3 of 5 of the devnet's keys, and one by the set that comes after them. */
export async function devnetBases(): Promise<Base[]> {
  const devnet = ownSigners('3 of 5', DEVNET_PRICE_KEYS, 3, 0);
  const later = ownSigners('3 of 5, the next set', GUARDIAN_KEYS.slice(0, 5), 3, 1);
  const bases = await Promise.all([
    ...[1, 2, 3, 5, 8].map((count, i) => ownBase(devnet, count, i)),
    ...[2, 3].map((count, i) => ownBase(devnet, count, 5 + i, DEVNET_PRICE_KEYS)),
    ...[1, 2].map((count, i) => ownBase(later, count, 10 + i)),
  ]);
  const [, , , , eight, all] = bases as [Base, Base, Base, Base, Base, Base];
  // What later versions may add, and a quorum with gaps.
  eight.parts.minor = Uint8Array.of(9);
  eight.parts.trailingHeader = hexToBytes('0xcafe');
  all.parts.signatures = all.parts.signatures.filter((_, i) => i % 2 === 0);
  return bases;
}

/** Updates signed by 13 of 19 keys of our own, as many as Wormhole's guardians. */
export function guardianBases(): Promise<Base[]> {
  const guardians = ownSigners('13 of 19', GUARDIAN_KEYS, 13, 4);
  return Promise.all([1, 4].map((count, i) => ownBase(guardians, count, 20 + i)));
}

/**
 * Real updates under the guardian sets that were really in force.
 * @throws When one does not say what others read in it.
 */
export async function realBases(): Promise<Base[]> {
  const { sound, trustOf } = await readMainnetUpdates();
  const sets = new Map<number, Signers>();
  for (const { guardianSetIndex: set } of sound)
    sets.set(set, { name: `mainnet, set ${set}`, trust: trustOf(set), signed: new Set() });
  return sound.map(({ hex, name, guardianSetIndex, prices }) => {
    const signers = sets.get(guardianSetIndex) as Signers;
    const { slot, messages } = decodeAccumulatorUpdate(hex);
    const same = messages.every(({ emaPrice, emaConfidence, ...read }, i) => {
      const known = prices[i];
      return known && Object.entries(read).every(([field, value]) => known[field as keyof typeof known] === value);
    });
    if (!same || messages.length !== prices.length || !isWhole(hex)) throw new Error(`Update ${name} is read wrongly.`);
    const base = { signers, parts: takeApart(hex), feeds: messages.map(({ id }) => id) };
    for (const other of sets.values())
      if (isSignedBy(base, other)) for (const read of messages) other.signed.add(messageKey(slot, read));
    return base;
  });
}

/**
 * Whether all who signed an update are guardians of a set, in the same places. The set's index is not signed: what the
 * members that two sets share have signed, they have signed as either.
 */
const isSignedBy = ({ parts, signers }: Base, { trust }: Signers): boolean =>
  parts.signatures.length >= trust.quorum &&
  parts.signatures.every(([place = 0]) => signers.trust.guardians[place] === trust.guardians[place]);
