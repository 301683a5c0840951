import { type Order, unpackOrder } from '@tidemark/sdk';
import { accountOwner, aggregator, engine, pyth, riskManager, uptimeFeed, usdc } from './addresses.ts';

/** A still picture of an exchange, for a page without a chain. Sizes 12 decimals, prices and USD 18, cash 30. */
const wad = 10n ** 18n;

export const now = 1_764_000_000;
export const head = 128_441_902;

/** What can be changed while the page looks. */
export interface World {
  /** Chain seconds since the picture was taken; a block each two. */
  seconds: number;
  /** Whether the chain and the price service answer. */
  chain: boolean;
  prices: boolean;
  pauseLevel: number;
  /** Chainlink's prices over Pyth's. */
  chainlink: number;
  /** ETH's price. */
  eth: number;
}

export const stillWorld = (): World => ({
  seconds: 0,
  chain: true,
  prices: true,
  pauseLevel: 0,
  chainlink: 1,
  eth: 2751.42,
});

export const markets = [
  { id: 0, symbol: 'ETH', feedId: `0x${'e1'.repeat(32)}`, priceDecimals: 2, sizeDecimals: 4, price: 2751.42 },
  { id: 1, symbol: 'BTC', feedId: `0x${'b2'.repeat(32)}`, priceDecimals: 1, sizeDecimals: 5, price: 96910 },
  { id: 2, symbol: 'SOL', feedId: `0x${'50'.repeat(32)}`, priceDecimals: 3, sizeDecimals: 2, price: 235.71 },
];

export const config = (rpc: string, prices: string) => ({
  chainId: 10,
  rpc,
  prices,
  metadata: 'http://127.0.0.1:8547',
  engine,
  riskManager,
  oracle: '0x00000000000000000000000000000000000000a3',
  usdc,
  vault: '0x00000000000000000000000000000000000000a5',
  pyth,
  faucet: '/faucet',
  markets: markets.map(({ price, ...market }) => market),
  testWallet: true,
});

const priceOf = (id: number, factor = 1) => BigInt(Math.round((markets[id]?.price ?? 0) * factor * 1e8)) * 10n ** 10n;

export const positions: Record<number, { size: bigint; entry: bigint }> = {
  0: { size: 4_200_000_000_000n, entry: 2702n * wad },
  1: { size: -350_000_000_000n, entry: 97_420n * wad },
};

/** What each view answers. @param to The contract asked. */
export function view(world: World, name: string, args: readonly unknown[], to: string): unknown {
  const market = Number(args.at(-1) ?? 0);
  switch (name) {
    case 'getPool':
      return {
        cash: 10_000_000_000n * wad,
        fees: 0n,
        value: 10_000_000_000,
        pauseLevel: world.pauseLevel,
        claimsOpen: false,
      };
    case 'withdrawalLeft':
      return 2_500_000_000n * wad;
    case 'getDoubt':
      return { held: 0n, flaggedAt: 0 };
    case 'getAccruedMarket':
      return {
        longs: 17_500n * 10n ** 12n,
        shorts: 15_150n * 10n ** 12n,
        accruedAt: now + world.seconds,
        indexAt: now + world.seconds - 4,
        funding: 0n,
        index: priceOf(market),
        fundingRate: 31_000_000_000_000n,
        cash: 0n,
        skewSeconds: 0n,
      };
    case 'getMarketConfig':
      return {
        skewScale: 1_000_000n * 10n ** 6n,
        initialMarginBps: 200,
        maintenanceMarginBps: 100,
        marginSlopeBps: 500,
        skewCapBps: 800,
        openInterestCapBps: 2000,
        profitWeightBps: 5000,
        makerFeePpm: 200,
        takerFeePpm: 500,
        penaltyBps: 25,
        accountCapPercent: 100,
        fundingCoefficientBps: 10,
        fundingCapPpm: 4000,
        allocationPercent: 40,
        flags: 1,
      };
    case 'getQueue':
      return { head: 41, tail: 42, escrow: 0n, keeperFeeCents: 20, marginPerUnit: priceOf(market) / 50n / 10n ** 8n };
    case 'getAccount':
      return { margin: 8_412n * wad, committedAt: 0, markets: 3n, moments: 0, orders: 63, volume: 0 };
    case 'getPosition': {
      const held = positions[market];
      const cash = held ? -held.size * held.entry : 0n;
      return { size: held?.size ?? 0n, cash, checkpoint: 0, generation: 1 };
    }
    case 'uptimeFeed':
      return uptimeFeed;
    case 'getFeed':
      return {
        pythId: `0x${'00'.repeat(32)}`,
        chainlink: aggregator(market),
        heartbeat: 3600,
        thresholdPpm: 5000,
        haltPpm: 50_000,
        strainConfidencePpm: 10_000,
        decimals: 8,
        floor: 1n,
        ceiling: 10n ** 18n,
      };
    case 'latestRoundData': {
      const id = markets.findIndex((_, index) => aggregator(index) === to.toLowerCase());
      return id === -1
        ? [1n, 0n, 1n, 1n, 1n]
        : [9n, priceOf(id, world.chainlink) / 10n ** 10n, 1n, BigInt(now - 60), 9n];
    }
    case 'previewOrder': {
      const [, order, price] = args as [unknown, Order, { mid: bigint }];
      const { sizeDelta } = unpackOrder(order);
      const money = { builderFee: 0n, fee: 0n, margin: 0n, poolPays: 0n, deferred: 0n, badDebt: 0n, required: 0n };
      const position = { size: sizeDelta, cash: 0n, checkpoint: 0, generation: 0 };
      return [{ failure: 0, sizeDelta, cost: sizeDelta * price.mid, ...money }, position];
    }
    case 'balanceOf':
      return 25_000_000_000n;
    default:
      return 0n;
  }
}

/** A smooth walk that ends at the market's price, the same each time. */
export function candles(
  symbol: string,
  { interval, from, to }: { interval: number; from: number; to: number },
): number[][] {
  const last = markets.find((market) => market.symbol === symbol)?.price ?? 1;
  const rows: number[][] = [];
  let seed = 7;
  const random = () => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return seed / 2_147_483_648 - 0.5;
  };
  let close = last;
  for (let time = Math.floor(Math.min(to, now) / interval) * interval; time >= from; time -= interval) {
    const open = close * (1 - random() * 0.0022 - 0.00004);
    const high = Math.max(open, close) * (1 + Math.abs(random()) * 0.0012);
    const low = Math.min(open, close) * (1 - Math.abs(random()) * 0.0012);
    rows.push([time, open, high, low, close, 40 + Math.abs(random()) * 120]);
    close = open;
  }
  return rows.reverse();
}

/** It reads `walletChain` of the window and sends nothing. */
export const wallet = `
let chain = window.walletChain ?? '0xa';
const info = { uuid: '7d5f3c1e-0000-4000-8000-000000000001', name: 'Picture wallet', icon: '', rdns: 'test.picture' };
const provider = {
  on() {},
  removeListener() {},
  async request({ method }) {
    if (method === 'eth_chainId') return chain;
    if (method === 'wallet_switchEthereumChain') return void (chain = '0xa');
    if (method === 'eth_accounts' || method === 'eth_requestAccounts') return ['${accountOwner}'];
    throw Object.assign(new Error('The person declined.'), { code: 4001 });
  },
};
const announce = () =>
  window.dispatchEvent(new CustomEvent('eip6963:announceProvider', { detail: Object.freeze({ info, provider }) }));
window.addEventListener('eip6963:requestProvider', announce);
announce();
`;
