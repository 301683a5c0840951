import { startOrderService } from '@tidemark/orders';
import { accountId, derivativesEngineAbi, OrderServiceClient } from '@tidemark/sdk';
import { type Address, encodeFunctionData, type Hash, type Hex, maxUint256, numberToHex, parseEther } from 'viem';
import { getBlock } from 'viem/actions';
import { ACCOUNTS } from '../src/accounts.ts';
import { connect } from '../src/chain.ts';
import { tokenAbi } from '../src/exchange.ts';
import { chainlinkFeeder, fedAggregators } from '../src/feeder.ts';
import { EPOCH } from '../src/prices/model.ts';
import type { PriceSource } from '../src/prices/source.ts';
import { type Gate, startGate } from '../test/gate.ts';
import { type Stage, setStage } from '../test/stage.ts';
import { L1_BLOCK, l1BlockCode, l1BlockSlots } from './l1Block.ts';
import { shockedSource } from './prices.ts';
import { Sender, seededKey, TIP } from './sender.ts';

const SYMBOLS = ['ETH', 'BTC', 'SOL'] as const;
/** From 2024 on, at an hour that the seed names: the model's volatility differs from hour to hour. */
const FROM = EPOCH + 4 * 366 * 86_400;
/** Wei per gas on L1, and of a blob. */
const L1_BASE_FEE = 10n ** 9n;
const L1_BLOB_FEE = 10n ** 7n;
/** Transactions that fund traders in one block. */
const FUNDED_AT_ONCE = 100;
/**
 * Blocks from one of Chainlink's rounds to the next, at least: a round is agreed on after the one before is on the chain. The
 * oracle looks eight rounds back, so that an order finds its own throughout its minute.
 */
const ROUND_BLOCKS = 4n;
/** All traders ask from one address. */
const RATE = { perSecond: 10_000, burst: 10_000 };
const LIMITS = { perAccount: 100, total: 10_000 };
/** Milliseconds between the order service's looks at the chain. */
const SERVICE_POLL_MS = 50;
/** USDC units, 6 decimals. */
export const DEPOSIT = 1_000n * 10n ** 6n;

interface Filled {
  tx: { maxFeePerGas: Hex; maxPriorityFeePerGas: Hex };
}

/** What a node suggests as a tip: a rollup's is small, that of a development chain a whole gwei. */
const ROLLUP_TIPS = {
  eth_maxPriorityFeePerGas: () => numberToHex(TIP),
  eth_fillTransaction: (result: unknown) => {
    const { tx, ...rest } = result as Filled;
    const most = BigInt(tx.maxFeePerGas) - BigInt(tx.maxPriorityFeePerGas) + TIP;
    return { ...rest, tx: { ...tx, maxFeePerGas: numberToHex(most), maxPriorityFeePerGas: numberToHex(TIP) } };
  },
};

export interface Trader {
  readonly id: Hex;
  readonly sender: Sender;
}

/** An exchange with traders, whose blocks are made one by one. */
export interface World {
  readonly stage: Stage;
  readonly source: PriceSource;
  readonly traders: readonly Trader[];
  /** Keeps the orders that wait. */
  readonly orders: OrderServiceClient;
  /** Mints test USDC. */
  readonly faucet: Sender;
  /** Multiplies what gas costs, on L2 and for L1's data, from the next block on. */
  setGas(factor: bigint): Promise<void>;
  /** Makes a block, 2 s later. */
  mine(): Promise<void>;
  /** What Chainlink has to say after a block. */
  feed(): Promise<void>;
  /**
   * Another chain in the place of the last blocks, as long, in which every transaction comes a block later.
   * @param isLost Whether a sender's transaction is not in it.
   * @param after Called after each of its blocks, with its number.
   */
  reorganise(depth: number, isLost: (from: Address) => boolean, after: (block: bigint) => Promise<void>): Promise<void>;
  /** A way to the chain that can be lost, and that suggests the tips of a rollup. */
  way(): Promise<Gate>;
  /** A new key with ether. */
  fundedKey(who: string): Promise<{ key: Hex; address: Address }>;
  end(): Promise<void>;
}

export interface WorldOptions {
  readonly seed: number;
  readonly traders: number;
  /** Seconds for which prices are shocked. */
  readonly seconds: number;
  /** Wei per gas on L2. */
  readonly baseFee: bigint;
}

export async function makeWorld(options: WorldOptions, progress: (line: string) => void): Promise<World> {
  const { seed } = options;
  const source = shockedSource(seed, FROM + seed * 3600, SYMBOLS, options.seconds);
  progress('deploying the exchange');
  const stage = await setStage(source);
  const { admin, deployment } = stage;
  const rpc = <T>(method: string, params: readonly unknown[]) =>
    admin.request({ method, params } as never) as Promise<T>;
  const sendRaw = (raw: Hex) => rpc<Hash>('eth_sendRawTransaction', [raw]);
  const nonce = await admin.getTransactionCount({ address: ACCOUNTS.faucet.address });
  const faucet = new Sender(ACCOUNTS.faucet, sendRaw, nonce);
  const way = () => startGate(stage.rpc, ROLLUP_TIPS);
  const { engine } = deployment;
  const service = await startOrderService({
    ...{ rpc: stage.rpc, engine, database: { folder: null }, port: 0, pollMs: SERVICE_POLL_MS },
    ...{ rate: RATE, limits: LIMITS },
  });
  const feedersWay = await way();
  const feeder = connect(feedersWay.url, ACCOUNTS.feeder);
  const feedChainlink = chainlinkFeeder(feeder, source, fedAggregators(stage.state), stage.faults);
  let factor = 1n;

  const setGas = async (to: bigint) => {
    factor = to;
    for (const [slot, value] of l1BlockSlots(L1_BASE_FEE * factor, L1_BLOB_FEE * factor))
      await rpc('anvil_setStorageAt', [L1_BLOCK, slot, value]);
  };
  const setBaseFee = () => rpc('anvil_setNextBlockBaseFeePerGas', [numberToHex(options.baseFee * factor)]);
  const fund = (address: Address) => rpc('anvil_setBalance', [address, numberToHex(parseEther('10'))]);

  const world: World = {
    stage,
    source,
    orders: new OrderServiceClient({ url: `http://127.0.0.1:${service.port}`, timeout: 60_000 }),
    traders: Array.from({ length: options.traders }, (_, i) => {
      const sender = new Sender(seededKey(seed, `trader ${i}`), sendRaw);
      return { id: accountId(sender.account.address), sender };
    }),
    faucet,
    setGas,
    async mine() {
      await setBaseFee();
      await stage.mine();
    },
    async feed() {
      if (stage.block % ROUND_BLOCKS === 0n) await feedChainlink(Number(stage.now));
    },
    async reorganise(depth, isLost, after) {
      const head = stage.block;
      const dropped = await Promise.all(
        Array.from({ length: depth }, (_, i) =>
          getBlock(admin, { blockNumber: head - BigInt(depth - 1 - i), includeTransactions: true }),
        ),
      );
      const kept = await Promise.all(
        dropped.map(({ transactions }) =>
          Promise.all(
            transactions
              .filter(({ from }) => !isLost(from))
              .map(({ hash }) => rpc<Hex>('eth_getRawTransactionByHash', [hash])),
          ),
        ),
      );
      await rpc('anvil_rollback', [depth]);
      for (const [i, { number, timestamp }] of dropped.entries()) {
        // One block later each, and the last ones' with those before; what cannot be sent again is lost as well.
        const late = i === depth - 1 ? [...(kept[i - 1] ?? []), ...(kept[i] ?? [])] : (kept[i - 1] ?? []);
        for (const raw of late) await sendRaw(raw).catch(() => undefined);
        await setBaseFee();
        await rpc('evm_mine', [{ timestamp: Number(timestamp) }]);
        await after(number);
      }
    },
    async fundedKey(who) {
      const key = seededKey(seed, who);
      const { address } = new Sender(key, sendRaw).account;
      await fund(address);
      return { key, address };
    },
    way,
    async end() {
      await service.close();
      await feedersWay.end();
      await stage.end();
    },
  };

  await rpc('anvil_setCode', [L1_BLOCK, l1BlockCode()]);
  await setGas(1n);
  progress(`funding ${options.traders} traders`);
  const usdc = stage.state.doubles.usdc;
  const approve = encodeFunctionData({ abi: tokenAbi, functionName: 'approve', args: [engine, maxUint256] });
  for (let first = 0; first < world.traders.length; first += FUNDED_AT_ONCE) {
    const some = world.traders.slice(first, first + FUNDED_AT_ONCE);
    await Promise.all(some.map(({ sender }) => fund(sender.account.address)));
    for (const { id, sender } of some) {
      await faucet.send(mintCall(usdc, sender.account.address));
      await sender.send({ to: usdc, data: approve, gas: 80_000n });
      await sender.send(depositCall(engine, id));
    }
    await world.mine();
  }
  return world;
}

/** Mints what one deposit takes. */
export function mintCall(usdc: Address, to: Address) {
  return {
    to: usdc,
    data: encodeFunctionData({ abi: tokenAbi, functionName: 'mint', args: [to, DEPOSIT] }),
    gas: 120_000n,
  };
}

export function depositCall(engine: Address, account: Hex) {
  const args = [account, DEPOSIT] as const;
  return {
    to: engine,
    data: encodeFunctionData({ abi: derivativesEngineAbi, functionName: 'deposit', args }),
    gas: 200_000n,
  };
}
