import type { Hex } from 'viem';

/** A published price. USD per base unit, 18 decimals; `publishTime` in chain seconds. */
export interface Tick {
  price: bigint;
  confidence: bigint;
  publishTime: number;
}

interface ParsedUpdate {
  id: string;
  price: { price: string; conf: string; expo: number; publish_time: number };
}

interface PriceMessage {
  binary: { data: string[] };
  parsed?: ParsedUpdate[];
}

function toWad(digits: string, expo: number): bigint {
  const shift = 18 + expo;
  return shift >= 0 ? BigInt(digits) * 10n ** BigInt(shift) : BigInt(digits) / 10n ** BigInt(-shift);
}

/** @returns Feed id (0x-prefixed, lower case) and price of each part. */
export function parseUpdate(message: PriceMessage): [Hex, Tick][] {
  return (message.parsed ?? []).map(({ id, price }) => [
    `0x${id.replace(/^0x/, '').toLowerCase()}`,
    {
      price: toWad(price.price, price.expo),
      confidence: toWad(price.conf, price.expo),
      publishTime: price.publish_time,
    },
  ]);
}

const query = (feeds: readonly Hex[]) => feeds.map((feed) => `ids[]=${feed}`).join('&');

/** The newest signed update of these feeds, as calldata for the chain, with what it says. */
export async function fetchUpdate(
  server: string,
  feeds: readonly Hex[],
): Promise<{ update: Hex[]; ticks: [Hex, Tick][] }> {
  const response = await fetch(`${server}/v2/updates/price/latest?${query(feeds)}`, {
    signal: AbortSignal.timeout(4_000),
  });
  if (!response.ok) throw new Error(`The price server answered ${response.status}. Wait for it to recover and retry.`);
  const message = (await response.json()) as PriceMessage;
  return {
    update: message.binary.data.map((data): Hex => `0x${data.replace(/^0x/, '')}`),
    ticks: parseUpdate(message),
  };
}

/** Streams prices until `close` is called; the browser reconnects by itself. */
export function streamPrices(
  server: string,
  feeds: readonly Hex[],
  onTick: (feed: Hex, tick: Tick) => void,
  onOpen: (open: boolean) => void,
): { close: () => void } {
  const source = new EventSource(`${server}/v2/updates/price/stream?${query(feeds)}&parsed=true`);
  source.onopen = () => onOpen(true);
  source.onerror = () => onOpen(false);
  source.onmessage = (event) => {
    for (const [feed, tick] of parseUpdate(JSON.parse(event.data as string) as PriceMessage)) onTick(feed, tick);
  };
  return source;
}
