import { type AnyClient, onChain, RpcUnreachableError, toTidemarkError } from '@tidemark/sdk';
import {
  type Address,
  BaseError,
  type Hash,
  type Hex,
  InsufficientFundsError,
  keccak256,
  TransactionNotFoundError,
  type TransactionReceipt,
  TransactionReceiptNotFoundError,
} from 'viem';
import {
  estimateMaxPriorityFeePerGas,
  getBlock,
  getTransaction,
  getTransactionCount,
  getTransactionReceipt,
  sendRawTransaction,
} from 'viem/actions';
import type { Signer } from '../chain/signers.ts';
import { FeeCapError, NoFundsError } from '../errors.ts';
import { type Fees, Outbox, type Place, type Variant, type Verdict } from './outbox.ts';
import type { GasPrice } from './price.ts';

export interface SenderOptions {
  client: AnyClient;
  signer: Signer;
  chainId: number;
  /** Blocks after which a transaction that is not included is replaced. */
  patience: bigint;
  /** Blocks on top of a transaction's own after which it is not looked after any more. */
  depth: bigint;
  /** Wei per gas that is offered at most. */
  maxFee: bigint;
  /** Wei per gas for the block's builder; what the node suggests, within reason, when left out. */
  priorityFee?: bigint | undefined;
}

/** What a transaction is to do. */
export interface Message {
  readonly to: Address;
  readonly data: Hex;
  readonly value: bigint;
  readonly gas: bigint;
}

export type Receipt = TransactionReceipt & { readonly l1Fee?: bigint | null };

/** What came of what was sent, since the last look. */
export interface Followed<work> {
  readonly block: bigint;
  readonly included: readonly { readonly variant: Variant<Sent<work>>; readonly receipt: Receipt }[];
  readonly stuck: Verdict<Sent<work>>['stuck'];
  readonly gaps: readonly number[];
}

/** What was sent, and its bytes. */
export interface Sent<work> {
  readonly work: work;
  readonly raw: Hex;
}

const CANCEL_GAS = 21_000n;
/** What OP Stack nodes suggest at least, wei per gas, and how far above the base fee a suggestion is followed. */
const USUAL_PRIORITY = 1_000_000n;
const MOST_OF_BASE_FEE = 10n;

/** Signs and sends the transactions of one account, with nonces of its own, and looks after them until they are final. */
export class Sender<work> {
  readonly #options: SenderOptions;
  readonly #outbox: Outbox<Sent<work>>;
  #block = -1n;
  #blockHash: Hash | undefined;
  #price: GasPrice = { baseFee: 0n, priority: 0n };
  /** Ends when the last nonce that was asked for is taken or left. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: SenderOptions) {
    this.#options = options;
    this.#outbox = new Outbox(options);
  }

  get price(): GasPrice {
    return this.#price;
  }

  get waitsForOthers(): boolean {
    return this.#outbox.waitsForOthers;
  }

  /** What is on its way at nonces below one, in their order. */
  pendingBelow(nonce: number): readonly work[] {
    const below = this.#outbox.pending.filter((entry) => entry.nonce < nonce);
    return below.flatMap(({ variants }) => variants.at(-1)?.work?.work ?? []);
  }

  /** What may still be included, replaced and cancelled ones among it. */
  get onItsWay(): readonly work[] {
    return this.#outbox.pending.flatMap(({ variants }) => variants.flatMap(({ work }) => (work ? [work.work] : [])));
  }

  /** Looks, once a block, at what came of what was sent. @throws {TidemarkError} when the chain cannot be read. */
  async follow(): Promise<Followed<work>> {
    const { client, signer } = this.#options;
    const { address } = signer;
    const [{ number: block, hash, baseFeePerGas }, latestNonce, pendingNonce] = await onChain(() =>
      Promise.all([
        getBlock(client, { blockTag: 'latest' }),
        getTransactionCount(client, { address, blockTag: 'latest' }),
        getTransactionCount(client, { address, blockTag: 'pending' }),
      ]),
    );
    if (hash === this.#blockHash) return { block, included: [], stuck: [], gaps: [] };
    const baseFee = baseFeePerGas ?? 0n;
    const asked = this.#outbox.questions(block);
    const [priority, receipts, unknown] = await Promise.all([
      this.#priorityAt(baseFee),
      Promise.all(asked.places.map((one) => this.#receiptOf(one))),
      Promise.all(asked.known.map((one) => this.#isUnknown(one))),
    ]);
    const found = new Map(
      receipts.flatMap((receipt) => (receipt ? [[receipt.transactionHash, receipt] as const] : [])),
    );
    const places = new Map([...found].map(([one, receipt]) => [one, toPlace(receipt)] as const));
    const forgotten = new Set(asked.known.filter((_, i) => unknown[i]));
    const verdict = this.#outbox.judge({ block, baseFee, latestNonce, pendingNonce, places, unknown: forgotten });
    [this.#block, this.#blockHash, this.#price] = [block, hash, { baseFee, priority }];
    const included = verdict.included.flatMap(({ variant, place }) => {
      const receipt = found.get(place.hash);
      return receipt ? [{ variant, receipt }] : [];
    });
    return { block, included, stuck: verdict.stuck, gaps: verdict.gaps };
  }

  /**
   * Sends at the next free nonce, or at that of what is to be replaced.
   * @throws {TidemarkError} when it did not leave. {@link RpcUnreachableError} when that is not known.
   */
  send(
    message: Message,
    work: work,
    { nonce, onSending }: { nonce?: number; onSending?: () => void } = {},
  ): Promise<Hash> {
    return this.#send(message, work, nonce, onSending);
  }

  /** Uses up a nonce that nothing was sent at, unless something is by now. @throws {TidemarkError} */
  async fill(nonce: number): Promise<void> {
    await this.#turn;
    if (!this.#outbox.has(nonce)) await this.cancel(nonce);
  }

  /** Gives up what the node has dropped: its nonce is free. */
  forget(nonce: number): void {
    this.#outbox.forget(nonce);
  }

  /** Sends nothing to itself, so that a nonce is used up. @throws {TidemarkError} */
  cancel(nonce: number): Promise<Hash> {
    const { address } = this.#options.signer;
    return this.#send({ to: address, data: '0x', value: 0n, gas: CANCEL_GAS }, null, nonce);
  }

  async #send(message: Message, work: work | null, at?: number, onSending?: () => void): Promise<Hash> {
    const { client, signer, chainId } = this.#options;
    // One after the other, so that a nonce is taken once; what takes its time is not waited for.
    const signing = this.#turn.then(async () => {
      const nonce = at ?? this.#outbox.next();
      const fees = this.#outbox.feesAt(nonce, this.#fees());
      this.#refuseDear(fees);
      const raw = await signer.signTransaction({ type: 'eip1559', chainId, nonce, ...message, ...fees });
      const hash = keccak256(raw);
      onSending?.();
      this.#outbox.add(nonce, { hash, ...fees, work: work === null ? null : { work, raw } }, this.#block);
      return { nonce, raw, hash };
    });
    this.#turn = signing.catch(() => undefined);
    const { nonce, raw, hash } = await signing;
    try {
      await sendRawTransaction(client, { serializedTransaction: raw });
      return hash;
    } catch (error) {
      if (isKnown(error)) return hash;
      const why = toTidemarkError(error);
      // It may have arrived, and is found again by its hash.
      if (why instanceof RpcUnreachableError) throw why;
      this.#outbox.withdraw(nonce, hash);
      const isPoor = error instanceof BaseError && error.walk((one) => one instanceof InsufficientFundsError) !== null;
      throw isPoor || /insufficient funds/i.test(why.message) ? new NoFundsError(signer.address, why) : why;
    }
  }

  async #priorityAt(baseFee: bigint): Promise<bigint> {
    const { client, priorityFee } = this.#options;
    if (priorityFee !== undefined) return priorityFee;
    const suggested = await onChain(() => estimateMaxPriorityFeePerGas(client));
    const most = baseFee * MOST_OF_BASE_FEE > USUAL_PRIORITY ? baseFee * MOST_OF_BASE_FEE : USUAL_PRIORITY;
    return suggested < most ? suggested : most;
  }

  /** Twice the base fee: it doubles within five blocks at the fastest. */
  #fees(): Fees {
    const { baseFee, priority } = this.#price;
    return { maxFeePerGas: 2n * baseFee + priority, maxPriorityFeePerGas: priority };
  }

  /** @throws {FeeCapError} */
  #refuseDear({ maxFeePerGas }: Fees): void {
    if (maxFeePerGas > this.#options.maxFee) throw new FeeCapError(maxFeePerGas, this.#options.maxFee);
  }

  async #receiptOf(hash: Hash): Promise<Receipt | null> {
    return getTransactionReceipt(this.#options.client, { hash }).catch((error) => {
      if (error instanceof TransactionReceiptNotFoundError) return null;
      throw toTidemarkError(error);
    });
  }

  async #isUnknown(hash: Hash): Promise<boolean> {
    return getTransaction(this.#options.client, { hash }).then(
      () => false,
      (error) => {
        if (error instanceof TransactionNotFoundError) return true;
        throw toTidemarkError(error);
      },
    );
  }
}

const toPlace = ({ transactionHash: hash, blockNumber: block, blockHash }: Receipt): Place => ({
  hash,
  block,
  blockHash,
});

/** Whether a node had the very transaction already. */
function isKnown(error: unknown): boolean {
  return error instanceof BaseError && /already known|already imported|known transaction/i.test(error.message);
}
