import type { Hex } from 'viem';

/** A published price. USD per base unit, 18 decimals; `publishTime` in chain seconds. */
export interface Tick {
  price: bigint;
  confidence: bigint;
  publishTime: number;
}

/** Age in chain seconds beyond which nothing is traded on a price. */
export const MAX_PRICE_AGE = 30;

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

/** A stream that says nothing for so long is opened anew, and so is one that a server refused. */
const SILENCE_MS = 10_000;
const REOPEN_MS = 2_000;

/** Streams prices for the life of the page, whatever becomes of the connection. */
export function streamPrices(
  server: string,
  feeds: readonly Hex[],
  onTicks: (ticks: readonly [Hex, Tick][]) => void,
  onOpen: (open: boolean) => void,
): void {
  const source = new EventSource(`${server}/v2/updates/price/stream?${query(feeds)}&parsed=true`);
  const reopen = () => {
    clearTimeout(silence);
    source.close();
    onOpen(false);
    setTimeout(() => streamPrices(server, feeds, onTicks, onOpen), REOPEN_MS);
  };
  let silence = setTimeout(reopen, SILENCE_MS);
  source.onopen = () => onOpen(true);
  // Left alone, the browser gives up for good after an answer that is no stream.
  source.onerror = reopen;
  source.onmessage = (event) => {
    clearTimeout(silence);
    silence = setTimeout(reopen, SILENCE_MS);
    onTicks(parseUpdate(JSON.parse(event.data as string) as PriceMessage));
  };
}
