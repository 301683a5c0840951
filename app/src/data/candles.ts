/** A candle. Floats are for drawing only; nothing is calculated from them. */
export interface Candle {
  time: number;
  open: number;
  high: number;
  low: number;
  close: number;
  volume: number;
}

type Row = readonly (number | string | null)[];

/** @param row [time, open, high, low, close, volume], numbers or decimal strings; time in seconds. */
export function parseCandle(row: Row): Candle | null {
  const [time, open, high, low, close, volume] = row.map((cell) => (cell === null ? Number.NaN : Number(cell)));
  if (time === undefined || ![time, open, high, low, close].every(Number.isFinite)) return null;
  return {
    time,
    open: open as number,
    high: high as number,
    low: low as number,
    close: close as number,
    volume: Number.isFinite(volume) ? (volume as number) : 0,
  };
}

export async function fetchCandles(
  server: string,
  { symbol, interval, from, to }: { symbol: string; interval: number; from: number; to: number },
): Promise<Candle[]> {
  const response = await fetch(
    `${server}/candles?symbol=${encodeURIComponent(symbol)}&interval=${interval}&from=${from}&to=${to}`,
    { signal: AbortSignal.timeout(8_000) },
  );
  if (!response.ok) throw new Error(`The price server answered ${response.status} for candles.`);
  const rows = (await response.json()) as Row[];
  return rows
    .map(parseCandle)
    .filter((candle) => candle !== null)
    .sort((a, b) => a.time - b.time);
}
