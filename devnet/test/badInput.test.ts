import { readArtifact } from '@tidemark/deploy';
import {
  accountId,
  ContractRefusedError,
  closeNow,
  commit,
  deposit,
  getAccount,
  getMarket,
  getOrderOutcomes,
  getPool,
  getPosition,
  getQueue,
  getReserves,
  getSolvency,
  getUpdateFee,
  liquidate,
  marketOrder,
  NO_LIMIT,
  type Order,
  type OrderFields,
  Permission,
  packOrder,
  Refusal,
  settle,
  updateIndices,
  withdraw,
} from '@tidemark/sdk';
import { encodeDeployData, type Hex } from 'viem';
import { generatePrivateKey } from 'viem/accounts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ACCOUNTS } from '../src/accounts.ts';
import { connect } from '../src/chain.ts';
import { tokenAbi } from '../src/exchange.ts';
import { type PriceMessage, writeUpdate } from '../src/feeds/accumulatorWriter.ts';
import { type Stage, setStage } from './stage.ts';
import { waveSource } from './waveSource.ts';

const ETH = 0n;
const NOWHERE = 9n;
const UNIT = 10n ** 12n;
const WAD = 10n ** 18n;
const [trader, other] = ACCOUNTS.traders;
const account = accountId(trader.address);
const theirs = accountId(other.address);
const keeper = accountId(ACCOUNTS.keeper.address);

let stage: Stage;
/** The trader's, who holds one ETH. */
let client: ReturnType<typeof connect<typeof trader>>;
let settler: ReturnType<typeof connect<typeof ACCOUNTS.keeper>>;
let before: Awaited<ReturnType<typeof books>>;

const at = () => ({ engine: stage.deployment.engine });

async function books() {
  const { usdc } = stage.deployment;
  const market = { ...at(), market: ETH };
  const balance = { address: usdc, abi: tokenAbi, functionName: 'balanceOf', args: [trader.address] } as const;
  return {
    solvency: await getSolvency(stage.admin, at()),
    pool: await getPool(stage.admin, at()),
    reserves: await getReserves(stage.admin, at()),
    market: await getMarket(stage.admin, market),
    queue: await getQueue(stage.admin, market),
    account: await getAccount(stage.admin, { ...at(), account }),
    position: await getPosition(stage.admin, { ...market, account }),
    others: await Promise.all([theirs, keeper].map((id) => getAccount(stage.admin, { ...at(), account: id }))),
    tokens: await stage.admin.readContract(balance),
    ether: await stage.admin.getBalance({ address: trader.address }),
  };
}

function message(time: bigint, market = 0): PriceMessage {
  const { symbol, feedId } = stage.deployment.markets[market] as { symbol: string; feedId: Hex };
  const quote = waveSource.quoteAt(symbol, Number(time));
  const { price, confidence } = quote as NonNullable<typeof quote>;
  const publishTime = Number(time);
  return { id: feedId, price, confidence, expo: -8, publishTime, prevPublishTime: publishTime - 1 };
}

async function priced(update: Hex) {
  const { pyth } = stage.deployment;
  return { update: [update], value: await getUpdateFee(stage.admin, { pyth, update: [update] }) };
}

/** The contracts refuse the call by this error with these arguments, and nothing changes in the books. */
async function expectRefused(call: Promise<unknown>, error: string, ...args: unknown[]): Promise<void> {
  const thrown = await call.then(
    () => expect.fail('it was permitted'),
    (reason) => reason,
  );
  expect(thrown).toBeInstanceOf(ContractRefusedError);
  expect(thrown).toMatchObject({ error, args });
  expect(thrown.line).not.toContain('\n');
  expect(await books()).toEqual(before);
}

/** Of one order, USD, 18 decimals. */
const keeperFee = () => BigInt(before.queue.keeperFeeCents) * 10n ** 16n;

/** Commits the trader's orders and moves on to where their price is published. */
async function place(...orders: OrderFields[]) {
  await commit(client, { ...at(), market: ETH, orders, gas: 500_000n });
  await stage.mine();
  const committedAt = stage.now;
  await stage.mine();
  before = await books();
  return {
    orders: orders.map(packOrder),
    committedAt,
    price: await priced(await writeUpdate([message(committedAt + 2n)])),
  };
}

const settling = (orders: readonly Order[], price: { update: Hex[]; value: bigint }, gas?: bigint) =>
  settle(settler, { ...at(), market: ETH, batches: [orders], ...price, ...(gas && { gas }) });

/** What became of the orders once they are settled. */
async function settled(orders: readonly Order[], price: { update: Hex[]; value: bigint }) {
  const hash = await settling(orders, price, 3_000_000n);
  await stage.mine();
  const { logs } = await stage.admin.getTransactionReceipt({ hash });
  return getOrderOutcomes({ ...at(), logs });
}

beforeAll(async () => {
  stage = await setStage(waveSource);
  client = connect(stage.rpc, trader);
  settler = connect(stage.rpc, ACCOUNTS.keeper);
  const { orders, price } = await place(marketOrder({ account, sizeDelta: UNIT }));
  expect(await settled(orders, price)).toMatchObject([{ status: 'filled', sizeDelta: UNIT }]);
}, 120_000);

beforeEach(async () => {
  before = await books();
});

afterAll(async () => {
  await stage.end();
});

describe('a price that is', () => {
  const close = (update: { update: Hex[]; value: bigint }) =>
    closeNow(client, { ...at(), account, market: ETH, size: UNIT, limitPrice: 0n, ...update });

  it('altered is refused', async () => {
    const update = await writeUpdate([message(stage.now)]);
    const { price } = message(stage.now);
    const digits = (value: bigint) => value.toString(16).padStart(16, '0');
    await expectRefused(
      close(await priced(update.replace(digits(price), digits(price + 1n)) as Hex)),
      'InvalidUpdateData',
    );
  });

  it('of another feed is refused', async () => {
    const update = await writeUpdate([message(stage.now, 1)]);
    await expectRefused(close(await priced(update)), 'PriceFeedNotFoundWithinRange');
  });

  it('far from the anchor is refused', async () => {
    const { price, ...rest } = message(stage.now);
    const update = await writeUpdate([{ ...rest, price: (price * 9n) / 10n }]);
    // CloseNow, Halted, by deviation.
    await expectRefused(close(await priced(update)), 'PriceUseRefused', ETH, 1, 5, 1);
  });

  it('stale is refused', async () => {
    const update = await writeUpdate([message(stage.now - 30n)]);
    await expectRefused(close(await priced(update)), 'PriceFeedNotFoundWithinRange');
  });

  it('from the future is refused', async () => {
    const update = await writeUpdate([message(stage.now + 100_000n)]);
    await expectRefused(close(await priced(update)), 'PriceFeedNotFoundWithinRange');
  });

  it('unsigned is refused', async () => {
    await expectRefused(close(await priced(await writeUpdate([message(stage.now)], []))), 'InvalidWormholeVaa');
  });

  it('signed by others is refused', async () => {
    const keys = [generatePrivateKey(), generatePrivateKey(), generatePrivateKey()];
    const update = await writeUpdate([message(stage.now)], keys);
    await expectRefused(close(await priced(update)), 'InvalidWormholeVaa');
  });

  it('padded with bytes is refused', async () => {
    const update = await writeUpdate([message(stage.now)]);
    await expectRefused(close(await priced(`${update}00`)), 'InvalidUpdateData');
  });

  it('padded with another feed is refused', async () => {
    const update = await writeUpdate([message(stage.now), message(stage.now, 1)]);
    await expectRefused(close(await priced(update)), 'InvalidArgument');
  });

  it('replayed after a newer one is refused', async () => {
    const older = await priced(await writeUpdate([message(stage.now - 1n)]));
    const newer = await priced(await writeUpdate([message(stage.now)]));
    const indexAt = stage.now;
    await updateIndices(client, { ...at(), markets: 1n, ...newer, gas: 2_000_000n });
    await stage.mine();
    before = await books();
    await expectRefused(close(older), 'PriceOlderThanIndex', indexAt - 1n, indexAt);
  });

  it('without its fee is refused', async () => {
    const update = await priced(await writeUpdate([message(stage.now)]));
    await expectRefused(close({ ...update, value: 0n }), 'FeeTooLow', 0n, 1n);
  });

  it('missing is refused', async () => {
    await expectRefused(close({ update: [], value: 0n }), 'UpdateRequired', ETH);
  });
});

describe('an order', () => {
  const commitOne = (sizeDelta: bigint, market = ETH, id = account) =>
    commit(client, { ...at(), market, orders: [marketOrder({ account: id, sizeDelta })] });

  it('of nothing is refused', async () => {
    await expectRefused(commitOne(0n), 'OrderRefused', Refusal.ZeroSize, 0n, 1n);
  });

  it('beyond the margin is refused', async () => {
    const { account: stored, queue } = before;
    // Of a million ETH when the market was last settled, 10 decimals, and the keeper fee.
    const required = queue.marginPerUnit * 1_000_000n * 10n ** 8n + keeperFee();
    await expectRefused(commitOne(1_000_000n * UNIT), 'OrderRefused', Refusal.MarginTooLow, stored.margin, required);
  });

  it('in an unknown market is refused', async () => {
    await expectRefused(commitOne(UNIT, NOWHERE), 'UnknownMarket', NOWHERE);
  });

  it("of someone else's account is refused", async () => {
    await expectRefused(
      commitOne(UNIT, ETH, theirs),
      'OrderRefused',
      Refusal.DelegateNotPermitted,
      0n,
      Permission.Open,
    );
  });

  it('among none or too many is refused', async () => {
    const orders = (length: number) => Array.from({ length }, () => marketOrder({ account, sizeDelta: UNIT }));
    for (const count of [0, 33]) {
      const call = commit(client, { ...at(), market: ETH, orders: orders(count) });
      await expectRefused(call, 'BatchSize', BigInt(count), 32n);
    }
    const flood = commit(client, { ...at(), market: ETH, orders: orders(9) });
    await expectRefused(flood, 'OrderRefused', Refusal.OrdersPending, 8n, 8n);
  });

  it.each([
    ['that turns its position into dust', { sizeDelta: -UNIT - 1n, limitPrice: 0n }, 'Dust'],
    ['whose limit is not met', { sizeDelta: UNIT, limitPrice: 1_000n * WAD }, 'LimitExceeded'],
    ['with nothing to reduce', { sizeDelta: UNIT, limitPrice: NO_LIMIT, reduceOnly: true }, 'NothingToReduce'],
  ])('%s fails, and costs its keeper fee only', async (_what, order, reason) => {
    const { position, account: held, others } = before;
    const { orders, price } = await place({ account, ...order });
    expect(await settled(orders, price)).toMatchObject([{ status: 'failed', reason, what: expect.any(String) }]);
    const after = await books();
    expect(after.position).toEqual(position);
    expect(after.account.margin).toBe(held.margin - keeperFee());
    expect(after.others[1]?.margin).toBe((others[1]?.margin as bigint) + keeperFee() / 2n);
    expect(after.queue.escrow).toBe(0n);
    expect(after.solvency.balance).toBe(before.solvency.custody);
  });
});

describe('a settlement', () => {
  it('of another batch, or a second time, is refused and the order fills once', async () => {
    const { orders, price } = await place(marketOrder({ account, sizeDelta: UNIT / 10n }));
    const altered = orders.map((order) => ({ ...order, terms: order.terms + 1n }));
    await expectRefused(settling(altered, price), 'BatchMismatch', BigInt(before.queue.head));
    expect(await settled(orders, price)).toMatchObject([{ status: 'filled', sizeDelta: UNIT / 10n }]);
    before = await books();
    await expectRefused(settling(orders, price), 'QueueEmpty', ETH);
  });

  it('at a price of another time is refused and the order waits', async () => {
    const { orders, committedAt, price } = await place(marketOrder({ account, sizeDelta: -UNIT / 10n }));
    for (const time of [committedAt + 1n, committedAt + 3n]) {
      await expectRefused(
        settling(orders, await priced(await writeUpdate([message(time)]))),
        'PriceFeedNotFoundWithinRange',
      );
    }
    expect(await settled(orders, price)).toMatchObject([{ status: 'filled', sizeDelta: -UNIT / 10n }]);
  });

  it('after its minute is refused, and so is one of an unknown market', async () => {
    const { orders, committedAt, price } = await place(marketOrder({ account, sizeDelta: UNIT / 10n }));
    await stage.mine(60n);
    before = await books();
    await expectRefused(settling(orders, price), 'WindowEnded', expect.any(BigInt), committedAt + 60n);
    const elsewhere = settle(settler, { ...at(), market: NOWHERE, batches: [orders], ...price });
    await expectRefused(elsewhere, 'UnknownMarket', NOWHERE);
  });
});

describe('a caller', () => {
  const to = trader.address;

  it("cannot withdraw from, or close, someone else's account", async () => {
    const taking = withdraw(client, { ...at(), account: theirs, assets: 1n, to, update: [] });
    await expectRefused(taking, 'NotAccountOwner', trader.address, other.address);
    const price = await priced(await writeUpdate([message(stage.now)]));
    const closing = closeNow(client, { ...at(), account: theirs, market: ETH, size: 1n, limitPrice: 0n, ...price });
    await expectRefused(closing, 'NotAccountOwner', trader.address, other.address);
  });

  it('cannot withdraw more than the margin', async () => {
    const { margin } = before.account;
    const assets = margin / 10n ** 12n + 1n;
    const taking = withdraw(client, { ...at(), account, assets, to, update: [] });
    await expectRefused(taking, 'MarginTooLow', margin, assets * 10n ** 12n);
  });

  it('cannot deposit nothing, or what the wallet does not hold', async () => {
    await expectRefused(deposit(client, { ...at(), account, assets: 0n }), 'ZeroAmount');
    const assets = 10n ** 15n;
    const paying = deposit(client, { ...at(), account, assets });
    await expectRefused(paying, 'ERC20InsufficientBalance', trader.address, before.tokens, assets);
  });

  it('cannot liquidate an account that is sound', async () => {
    const price = await priced(await writeUpdate([message(stage.now)]));
    const taking = liquidate(client, { ...at(), account, ...price });
    await expectRefused(taking, 'NotLiquidatable', expect.any(BigInt), expect.any(BigInt));
  });
});

describe('a token', () => {
  const assets = 1_000n * 10n ** 6n;

  it('that takes a fee is refused, and credits nothing', async () => {
    const { usdc } = stage.deployment;
    const minting = { address: usdc, abi: tokenAbi, functionName: 'mint', args: [trader.address, assets] } as const;
    await connect(stage.rpc, ACCOUNTS.faucet).writeContract({ ...minting, gas: 200_000n });
    await stage.mine();
    before = await books();
    const sound = (await stage.admin.getCode({ address: usdc })) as Hex;
    await stage.admin.setCode({ address: usdc, bytecode: await feeToken() });
    await expectRefused(
      deposit(client, { ...at(), account, assets }),
      'TransferMismatch',
      assets - assets / 1_000n,
      assets,
    );
    await stage.admin.setCode({ address: usdc, bytecode: sound });
    await deposit(client, { ...at(), account, assets, gas: 300_000n });
    await stage.mine();
    expect((await books()).account.margin).toBe(before.account.margin + assets * 10n ** 12n);
  });

  /** What its constructor would leave at its address. */
  async function feeToken(): Promise<Hex> {
    const { abi, bytecode } = readArtifact('FeeTokenDouble');
    const data = encodeDeployData({ abi, bytecode, args: [ACCOUNTS.faucet.address] });
    return (await stage.admin.call({ data })).data as Hex;
  }
});
