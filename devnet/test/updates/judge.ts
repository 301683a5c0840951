import {
  type AccumulatorUpdate,
  type PriceMessage,
  PriceUpdateEmitterError,
  PriceUpdateError,
  PriceUpdateGuardianSetError,
  PriceUpdateQuorumError,
  PriceUpdateSignatureError,
  PriceUpdateUnknownError,
  pythAbi,
  verifyAccumulatorUpdate,
} from '@tidemark/sdk';
import { type Address, bytesToHex, type Hex } from 'viem';
import { type RecoverSigner, recoverSigner } from '../../../sdk/src/pyth/wormholeVaa.ts';
import { Chain } from '../../../sdk/test/differential/chain.ts';
import { DifferenceError, flat } from '../../../sdk/test/differential/difference.ts';
import { type Base, messageKey, type Signers } from './bases.ts';

/** Doubles exist on chains of this number. */
const DEVNET_CHAIN = 31_337;
const ANYBODY: Address = `0x${'a1'.repeat(20)}`;
const FEE = 1n;
/** Of as many messages as an update can claim. */
const VALUE = 255n * FEE;
const NOW = 1_800_000_000n;
const EVER = 2n ** 64n - 1n;
/** The name of what is no error. */
export const DECODED = 'decoded';

/** What both made of an update: `decoded`, or the names of their errors. */
export interface Verdict {
  sdk: string;
  chain: string;
}

/** What is asked of the contract besides the update. */
export interface Query {
  ids: readonly Hex[];
  minimal: boolean;
}

/** Asks the SDK and the contract about the same bytes. */
export class Judge {
  private readonly contracts = new Map<Signers, Address>();

  private constructor(private readonly chain: Chain) {}

  /**
   * @param artifacts Folder of forge's output.
   * @param bases Their signers get a contract each that trusts them.
   */
  static async create(artifacts: string, bases: readonly Base[]): Promise<Judge> {
    const chain = await Chain.create(artifacts, { chainId: DEVNET_CHAIN, errors: pythAbi, remembersSigners: true });
    const judge = new Judge(chain);
    for (const signers of new Set(bases.map((base) => base.signers)))
      judge.contracts.set(signers, await chain.deploy('PythDouble', [signers.trust, FEE], NOW));
    return judge;
  }

  /**
   * @param query Feeds asked for, and whether all messages have to be among them.
   * @throws {DifferenceError} When something comes out that was not signed, an error has no type, or the two disagree.
   */
  async judge(signers: Signers, update: Uint8Array, query: Query): Promise<Verdict> {
    const hex = bytesToHex(update);
    const read = await verify(hex, signers);
    const parsed = await this.parse(hex, signers, query);
    const expected = expectedOf(read, query);
    if (flat(parsed) !== flat(expected))
      throw new DifferenceError(
        `${read instanceof Error ? read : DECODED}\nexpected of the contract: ${flat(expected)}\nit said: ${flat(parsed)}`,
      );
    return { sdk: read instanceof Error ? read.name : DECODED, chain: typeof parsed === 'string' ? parsed : DECODED };
  }

  /** Feeds and slots, or the name of the error. */
  private async parse(hex: Hex, signers: Signers, { ids, minimal }: Query): Promise<unknown> {
    const contract = this.contracts.get(signers) as Address;
    const args = [[hex], ids, 0n, EVER, false, minimal, false];
    const answer = await this.chain.call(
      contract,
      pythAbi,
      'parsePriceFeedUpdatesWithConfig',
      args,
      ANYBODY,
      NOW,
      VALUE,
    );
    return 'refusal' in answer ? answer.refusal.name : answer.result;
  }
}

const recovered = new Map<string, Promise<Address>>();

/** Mutated updates share most of their signatures, and each costs milliseconds. */
const recover: RecoverSigner = (digest, signature) => {
  const { r, s, v } = signature;
  const key = `${digest}${r}${s}${v}`;
  const found = recovered.get(key) ?? recoverSigner(digest, signature);
  recovered.set(key, found);
  return found;
};

/** @throws {DifferenceError} When a message was not signed, or an error has no type. */
async function verify(hex: Hex, { trust, signed }: Signers): Promise<AccumulatorUpdate | PriceUpdateError> {
  try {
    const read = await verifyAccumulatorUpdate(hex, trust, recover);
    for (const message of read.messages)
      if (!signed.has(messageKey(read.slot, message)))
        throw new DifferenceError(`Not signed: ${messageKey(read.slot, message)}`);
    return read;
  } catch (error) {
    if (error instanceof PriceUpdateError) return error;
    throw error instanceof DifferenceError ? error : new DifferenceError(`An error without a type: ${error}`);
  }
}

/** What the contract must say when the SDK read this: all feeds asked for, or the name of an error. */
function expectedOf(read: AccumulatorUpdate | PriceUpdateError, { ids, minimal }: Query): unknown {
  if (read instanceof Error) return chainError(read);
  if (minimal && read.messages.length !== ids.length) return 'InvalidArgument';
  const found = ids.map((id) => read.messages.find((message) => message.id === id));
  if (!found.every((message) => message !== undefined)) return 'PriceFeedNotFoundWithinRange';
  return [found.map(feedOf), found.map(() => read.slot)];
}

function feedOf({ id, price, confidence, expo, publishTime, emaPrice, emaConfidence }: PriceMessage) {
  return { id, price: [price, confidence, expo, publishTime], ema: [emaPrice, emaConfidence, expo, publishTime] };
}

function chainError(error: PriceUpdateError): string {
  if (error instanceof PriceUpdateEmitterError) return 'InvalidUpdateDataSource';
  const version = error instanceof PriceUpdateUnknownError && error.field === 'the version of the signed message';
  const unsigned = [PriceUpdateGuardianSetError, PriceUpdateQuorumError, PriceUpdateSignatureError];
  return version || unsigned.some((type) => error instanceof type) ? 'InvalidWormholeVaa' : 'InvalidUpdateData';
}
