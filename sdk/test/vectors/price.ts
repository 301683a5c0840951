import { writeFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type Agreement, band, classify, confidencePpm, deviationPpm, halfWidth } from '../../src/math/priceMath.ts';

// Cases of PriceMath for both languages: run to write vectors/price.json.

export const priceVectors = fileURLToPath(new URL('../../../vectors/price.json', import.meta.url));

/** A row's fields in order: what goes in, then what comes out. */
export const PRICE_COLUMNS = [
  ...['value', 'confidence', 'time', 'anchorValue', 'anchorTime'],
  ...['thresholdPpm', 'haltPpm', 'strainConfidencePpm', 'spanning'],
  ...['halfWidth', 'confidencePpm', 'deviationPpm', 'state', 'lo', 'hi'],
] as const;

/** As in the contracts' enumeration PriceState. */
const STATES: Record<Agreement | 'Single', bigint> = { Normal: 0n, Strained: 1n, Guarded: 2n, Single: 3n, Halted: 5n };

/** What goes in, each a decimal integer. */
type Input = readonly [bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint];

/** The whole row of one input: an anchor of zero is one that is not there. */
export function priceCase(input: Input): bigint[] {
  const [value, confidence, time, anchorValue, anchorTime, thresholdPpm, haltPpm, strainConfidencePpm, spanning] =
    input;
  const quote = { value, confidence, time };
  const anchor = { value: anchorValue, confidence: 0n, time: anchorTime };
  const alone = anchorValue === 0n;
  const state = alone ? 'Single' : classify(quote, anchor, { thresholdPpm, haltPpm, strainConfidencePpm });
  const { lo, hi } = band(quote, anchor, { state, thresholdPpm, spanning: spanning === 1n });
  const deviation = alone ? 0n : deviationPpm(quote, anchor, thresholdPpm);
  return [...input, halfWidth(quote), confidencePpm(quote), deviation, STATES[state], lo, hi];
}

/** Numbers that look random and are the same on every run: splitmix64. */
function* randomWords(seed: bigint): Generator<bigint, never> {
  const mask = (1n << 64n) - 1n;
  for (let state = seed; ; ) {
    state = (state + 0x9e3779b97f4a7c15n) & mask;
    let z = state;
    z = ((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n) & mask;
    z = ((z ^ (z >> 27n)) * 0x94d049bb133111ebn) & mask;
    yield z ^ (z >> 31n);
  }
}

/** Prices from a hundredth of a cent to a hundred million, deviations up to twelve percent, every state. */
export function priceInputs(count: number): Input[] {
  const words = randomWords(0x7469646d61726bn);
  const below = (limit: bigint) => words.next().value % limit;
  const inputs: Input[] = [];
  for (let i = 0; i < count; i++) {
    const value = 10n ** (14n + below(13n)) + below(10n ** 14n);
    const confidence = 1n + below(value / 50n);
    const reach = [1000n, 8000n, 60_000n, 120_000n][i % 4] ?? 1000n;
    const shift = below(2n * reach + 1n) - reach;
    const anchorValue = i % 11 === 0 ? 0n : value + (value * shift) / 1_000_000n;
    const thresholdPpm = 1000n + below(9000n);
    const haltPpm = 5000n + below(95_001n);
    const calm = i % 3 === 0 ? value / 5000n : confidence;
    inputs.push([
      value,
      i % 5 === 0 ? 1n : calm,
      1_700_000_000n,
      anchorValue,
      1_700_000_000n - below(2n) * below(1320n),
      thresholdPpm,
      haltPpm,
      1000n + below(10_000n),
      below(2n),
    ]);
  }
  return inputs;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const rows = priceInputs(200).map((input) => `    ${JSON.stringify(priceCase(input).map(String))}`);
  const columns = JSON.stringify(PRICE_COLUMNS);
  writeFileSync(priceVectors, `{\n  "columns": ${columns},\n  "cases": [\n${rows.join(',\n')}\n  ]\n}\n`);
}
