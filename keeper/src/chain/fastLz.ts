/** Slots of FastLZ's hash table, and the longest distance of a match. */
const SLOTS = 8_192;
const FAR = 8_191;

/**
 * Length of bytes compressed by FastLZ at level 1, as OP Stack chains measure a transaction: the same matches are found as
 * in op-geth's `FlzCompressLen` and Solady's `LibZip`, and nothing is written.
 */
export function fastLzLength(bytes: Uint8Array): number {
  const at = (i: number) => bytes[i] as number;
  const three = (i: number) => at(i) | (at(i + 1) << 8) | (at(i + 2) << 16);
  const hash = (value: number) => (Math.imul(2_654_435_769, value) >>> 19) & (SLOTS - 1);
  const table = new Uint32Array(SLOTS);
  const limit = bytes.length < 13 ? 0 : bytes.length - 13;
  let length = 0;
  const literals = (count: number) => {
    const rest = count % 32;
    length += 33 * Math.floor(count / 32) + (rest === 0 ? 0 : rest + 1);
  };

  let from = 0;
  let i = 2;
  while (i < limit) {
    let match = 0;
    for (;;) {
      const value = three(i);
      const slot = hash(value);
      match = table[slot] as number;
      table[slot] = i;
      const distance = i - match;
      if (i >= limit) break;
      i++;
      if (distance <= FAR && value === three(match)) break;
    }
    if (i >= limit) break;
    i--;
    if (i > from) literals(i - from);
    // Counted from the third byte on, the first that differs included.
    let same = 0;
    for (let end = limit + 9 - (i + 3); same < end; same++) if (at(match + 3 + same) !== at(i + 3 + same)) end = 0;
    const tokens = same - 1;
    length += 3 * Math.floor(tokens / 262) + (tokens % 262 >= 6 ? 3 : 2);
    i += same;
    for (let k = 0; k < 2; k++) table[hash(three(i))] = i++;
    from = i;
  }
  literals(bytes.length - from);
  return length;
}
