import { addCounts, type Counts } from './fuzz.ts';
import { DECODED } from './judge.ts';
import { CLASSES } from './mutations.ts';

/** Updates of each class in a whole run. */
export const LEAST = 1000;

const sum = (verdicts: Record<string, number>) => Object.values(verdicts).reduce((total, count) => total + count, 0);
const number = (count: number) => count.toLocaleString('en-US');

/** Classes with fewer updates than a whole run has of each. */
export const shortcomings = (counts: Counts): string[] => CLASSES.filter((of) => sum(counts[of] ?? {}) < LEAST);

/** How many of each class were decoded to what was signed or refused, and by which errors. */
export function tables(counts: Counts): string {
  const all: Counts = {};
  for (const verdicts of Object.values(counts)) addCounts(all, { all: verdicts });
  const total = all.all ?? {};
  const rows = [...CLASSES, 'all'].map((of) => {
    const verdicts = counts[of] ?? (of === 'all' ? total : {});
    const decoded = sum(Object.fromEntries(Object.entries(verdicts).filter(([name]) => name.startsWith(DECODED))));
    return `| ${of} | ${number(sum(verdicts))} | ${number(sum(verdicts) - decoded)} | ${number(decoded)} |`;
  });
  const verdicts = Object.entries(total)
    .sort(([, a], [, b]) => b - a)
    .map(
      ([name, count]) =>
        `| ${name
          .split(': ')
          .map((side) => `\`${side}\``)
          .join(' | ')} | ${number(count)} |`,
    );
  return [
    '| Mutated | Updates | Refused | Decoded to what was signed |',
    '|---|---:|---:|---:|',
    ...rows,
    '',
    '| SDK | Contract | Updates |',
    '|---|---|---:|',
    ...verdicts,
  ].join('\n');
}

/** The page of a run. */
export const page = (counts: Counts, { updates, seed }: { updates: number; seed: number }): string => `# Price updates

\`verifyAccumulatorUpdate\` of the SDK and the double of Pyth's contract, in its release bytecode, are asked about the same
mutated updates. Each is refused by both, with the typed errors that belong together, or decoded by both to the same
messages, all of which the trusted guardians signed: feed, price, confidence, exponent and times. Whatever else comes out
of one fails the run. Updates that are signed by 3 of 5 keys and by 13 of 19 keys of our own are mutated, and the 18 sound
ones of mainnet, under the guardian sets that are replayed from their upgrades.

Decoded are those whose change touches nothing that is signed or counted: the minor version, the trailing header, whole
messages left out or brought twice, more signatures than a quorum, the other signature \`(r, n − s)\` of the same guardian.
The index of the guardian set is not signed: what members have signed that two sets share counts as signed by either, under
its index. That is Wormhole's format; the messages are the signed ones all the same.

Of what the SDK decodes the contract still refuses what was not asked for (\`InvalidArgument\`) and what is missing
(\`PriceFeedNotFoundWithinRange\`).

Written by \`TIDEMARK_DATA=FOLDER npm run fuzz:updates -- --write\`: ${number(updates)} updates from seed ${seed}, at least
${number(Math.min(...CLASSES.map((of) => sum(counts[of] ?? {}))))} of each class.

${tables(counts)}
`;
