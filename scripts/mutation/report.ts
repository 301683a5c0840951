// What a run has shown, as text, as JSON, as docs/mutation.md and as the table of docs/security.md.
import type { Verdict } from './judge.ts';
import { type Key, nameOf, OPERATORS, type Operator, WHOLE } from './mutants.ts';

/** A mutant that no test can notice, and why. */
export interface Equivalent extends Key {
  because: string;
}

/** A mutant and where it stands. */
export interface Survivor extends Key {
  line: number;
}

export interface Count {
  judged: number;
  killed: number;
  timedOut: number;
  equivalent: number;
  survived: number;
  refused: number;
}

export interface Result {
  seed: number;
  minutes: number;
  /** How many mutants there are to be drawn. */
  mutants: number;
  all: Count;
  operators: Partial<Record<Operator, Count>>;
  survivors: Survivor[];
  /** Argued to be equivalent, and killed all the same or not there any more. */
  mistaken: Key[];
}

const nothing = (): Count => ({ judged: 0, killed: 0, timedOut: 0, equivalent: 0, survived: 0, refused: 0 });

export function resultOf(
  mutants: readonly Survivor[],
  verdicts: Readonly<Record<string, Verdict>>,
  equivalents: readonly Equivalent[],
  { seed, minutes }: { seed: number; minutes: number },
): Result {
  const argued = new Set(equivalents.map(nameOf));
  const result: Result = {
    seed,
    minutes: Math.round(minutes),
    mutants: mutants.length,
    all: nothing(),
    operators: {},
    survivors: [],
    mistaken: [],
  };
  for (const mutant of mutants) {
    const name = nameOf(mutant);
    const outcome = verdicts[name]?.outcome;
    if (!outcome) continue;
    const dead = outcome === 'killed' || outcome === 'timed out';
    const spared = outcome === 'survived' && argued.has(name);
    const own = result.operators[mutant.operator] ?? nothing();
    result.operators[mutant.operator] = own;
    for (const count of [result.all, own]) {
      if (outcome === 'refused') count.refused++;
      else count.judged++;
      if (dead) count.killed++;
      if (outcome === 'timed out') count.timedOut++;
      if (spared) count.equivalent++;
      else if (outcome === 'survived') count.survived++;
    }
    if (outcome === 'survived' && !spared) result.survivors.push(located(mutant));
    if (dead && argued.has(name)) result.mistaken.push(mutant);
  }
  const there = new Set(mutants.map(nameOf));
  result.mistaken.push(...equivalents.filter((one) => !there.has(nameOf(one))));
  return result;
}

const located = ({ file, function: fn, operator, original, mutated, nth, line }: Survivor): Survivor => ({
  file,
  function: fn,
  operator,
  original,
  mutated,
  nth,
  line,
});

export const show = ({ file, line, function: fn, operator, original, mutated }: Survivor): string =>
  `${file}:${line} ${fn}, ${operator}: ${original} → ${mutated}`;

export const percent = (part: number, whole: number): string =>
  whole === 0 ? '–' : `${((100 * part) / whole).toFixed(1)} %`;

/** Of those that could be killed. */
export const shareOf = ({ killed, judged, equivalent }: Count): number => killed / (judged - equivalent);
const share = ({ killed, judged, equivalent }: Count) => percent(killed, judged - equivalent);

export function summary(result: Result): string {
  const rows = OPERATORS.flatMap((operator) => {
    const count = result.operators[operator];
    return count ? [`| ${operator} ${cells(count)}`] : [];
  });
  return [
    `Seed ${result.seed}, ${result.minutes} min: ${result.all.judged} of ${result.mutants} mutants judged, ${result.all.killed} killed, ${percent(result.all.killed, result.all.judged)}; of those that are not equivalent ${share(result.all)}.`,
    '',
    '| Operator | Judged | Killed | of it timed out | Equivalent | Survived | Killed of those not equivalent |',
    '|---|---:|---:|---:|---:|---:|---:|',
    ...rows,
    `| all ${cells(result.all)}`,
  ].join('\n');
}

const cells = (count: Count) =>
  `| ${[count.judged, count.killed, count.timedOut, count.equivalent, count.survived, share(count)].join(' | ')} |`;

/** As code within a table. */
const code = (text: string) => `\`${text.replaceAll('|', '\\|')}\``;

export function equivalentsTable(equivalents: readonly Equivalent[]): string {
  const rows = equivalents.map(
    (one) =>
      `| ${code(one.function)} | ${one.operator} | ${code(one.original)} → ${code(one.mutated)} | ${one.because} |`,
  );
  return [
    '| Function | Operator | Mutant | Why nothing can tell it from the original |',
    '|---|---|---|---|',
    ...rows,
  ].join('\n');
}

/** docs/mutation.md. */
export function pageOf(result: Result): string {
  const survivors = result.survivors.map(
    (one) =>
      `| [${one.file.replace('contracts/src/', '')}:${one.line}](../${one.file}#L${one.line}) | ${code(one.function)} | ${one.operator} | ${code(one.original)} | ${code(one.mutated)} |`,
  );
  return [
    '# Mutants',
    '',
    'The contracts changed at one place after another, and whether the tests notice. Written by `npm run mutation`; how it',
    `judges, and which survivors nothing can tell from the original, is in [security.md](security.md#mutants). ${capital(WHOLE.join(', '))} are`,
    'judged whole, of the other operators a draw.',
    '',
    summary(result),
    '',
    '## Survivors',
    '',
    ...(survivors.length === 0
      ? ['None but the equivalent ones.']
      : ['| Where | Function | Operator | Original | Mutant |', '|---|---|---|---|---|', ...survivors]),
    '',
  ].join('\n');
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

/** A page with what stands between two of its markers replaced. */
export function between(page: string, marker: string, text: string): string {
  const [start, end] = [`<!-- ${marker}:start -->`, `<!-- ${marker}:end -->`];
  const [before, rest] = page.split(start);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined) throw new Error(`No ${start} … ${end}.`);
  return `${before}${start}\n${text}\n${end}${after}`;
}
