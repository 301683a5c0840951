import type { Address, Hex } from 'viem';
import { type MarketConfig, type Order, OrderWords, type Price, packOrder } from '../../src/math/index.ts';
import {
  accountOf,
  type Call,
  Engine,
  type EngineState,
  fixedPrices,
  freeToken,
  initialState,
  roleKey,
  VAULT_ROLE,
} from '../../src/model/index.ts';

export const WAD = 10n ** 18n;
export const UNIT = 10n ** 12n;
export const USDC = 10n ** 6n;
export const MAX_LIMIT = OrderWords.MAX_LIMIT_PRICE;
const who = (byte: string): Address => `0x${byte.repeat(20)}`;
export const ADMIN = who('a0');
export const KEEPER = who('b0');
export const ALICE = who('c1');
export const BOB = who('c2');
const ENGINE = who('e0');

export const CONFIG: MarketConfig = {
  skewScale: 10_000_000_000n,
  initialMarginBps: 1000n,
  maintenanceMarginBps: 600n,
  marginSlopeBps: 10_000n,
  skewCapBps: 200n,
  openInterestCapBps: 400n,
  profitWeightBps: 8000n,
  makerFeePpm: 200n,
  takerFeePpm: 500n,
  penaltyBps: 50n,
  accountCapPercent: 100n,
  fundingCoefficientBps: 1000n,
  fundingCapPpm: 5000n,
  allocationPercent: 40n,
  flags: 0n,
};

/** An exchange of the model alone, for tests: three markets, a pool, Alice and Bob with margin. */
export class Exchange {
  state: EngineState = initialState(ADMIN);
  time = 1_700_000_000n;
  private readonly mids = new Map<bigint, bigint>();

  constructor() {
    this.state.roles.add(roleKey(VAULT_ROLE, ADMIN));
    for (const [id, dollars] of [2000n, 60_000n, 150n].entries()) {
      this.mids.set(BigInt(id), dollars * WAD);
      this.do(ADMIN, { name: 'listMarket', args: [CONFIG, 50n] });
    }
    this.do(ADMIN, { name: 'receiveLiquidity', args: [KEEPER, 1_000_000n * USDC] });
    this.do(ADMIN, { name: 'addLiquidity', args: [1_000_000n * WAD] });
    for (const owner of [ALICE, BOB]) this.do(owner, { name: 'deposit', args: [accountOf(owner), 50_000n * USDC] });
  }

  /** A price of this second with a half-width of 5 bp and a band of 20 bp. */
  price(market: bigint, mid = this.mids.get(market) ?? 0n): Price {
    const halfWidth = mid / 2000n;
    return { mid, lo: mid - 4n * halfWidth, hi: mid + 4n * halfWidth, halfWidth, publishTime: this.time, state: 0 };
  }

  call(sender: Address, changes: ReadonlyMap<bigint, Price> = new Map()): Call {
    const prices = new Map([...this.mids.keys()].map((id) => [id, changes.get(id) ?? this.price(id)]));
    return { sender, time: this.time, value: 0n, oracle: fixedPrices(prices), token: freeToken(ENGINE) };
  }

  /** @throws {Error} When the model refuses. */
  do<N extends Engine.OperationName>(sender: Address, operation: Engine.OperationCall<N>): void {
    const { state, refusal } = Engine.preview(this.state, this.call(sender), operation);
    if (refusal) throw new Error(`${operation.name} was refused: ${refusal.name}(${refusal.args.join()}).`);
    this.state = state;
  }

  order(owner: Address, sizeDelta: bigint, sub = 0n): Order {
    return packOrder({ account: accountOf(owner, sub), sizeDelta, limitPrice: sizeDelta > 0n ? MAX_LIMIT : 0n });
  }

  /** Commits, waits three seconds, settles. */
  trade(owner: Address, market: bigint, sizeDelta: bigint, sub = 0n): void {
    const order = this.order(owner, sizeDelta, sub);
    this.do(owner, { name: 'commit', args: [market, [order]] });
    this.time += 3n;
    this.do(KEEPER, { name: 'updateIndices', args: [7n] });
    this.do(KEEPER, { name: 'settle', args: [market, [[order]]] });
  }

  margin(account: Hex): bigint {
    return this.state.accounts.get(account)?.margin ?? 0n;
  }
}
