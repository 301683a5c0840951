import type { Item } from './tracer.ts';

/** One call: the gas of its data and of every step. */
export interface Traced {
  label: string;
  calldata: number;
  items: Item[];
}

const INTRINSIC = 21_000;
/** What is shown alone. */
const LEAST = 400;
const KINDS: Record<Item['kind'], string> = {
  call: 'calls',
  slot: 'storage',
  event: 'events',
  lock: 'lock',
  code: 'arithmetic, memory, stack',
};

const COLD_READ = 2100;
const COLD_UPDATE = 5000;
const COLD_FIRST_WRITE = 22_100;
/** Three topics and two words of data. */
const EVENT = 4 * 375 + 64 * 8;

/**
 * What no exchange goes below that keeps account, position, market, parameters and price in a slot each, in one contract, and
 * tells of a trade in one event of two words: gas without the call's data.
 */
const FLOORS: readonly [string, number, string[]][] = [
  ['open', INTRINSIC + 2 * COLD_READ + 2 * COLD_UPDATE + COLD_FIRST_WRITE + EVENT, ['commit', 'settleOpen']],
  ['increase', INTRINSIC + 2 * COLD_READ + 3 * COLD_UPDATE + EVENT, ['commit', 'settleIncrease']],
  // A position that is left at zero gives 4,800 back; one that keeps its generation does not.
  ['close', INTRINSIC + 2 * COLD_READ + 3 * COLD_UPDATE + EVENT - 4800, ['commit', 'settleClose']],
  ['close at once', INTRINSIC + 2 * COLD_READ + 3 * COLD_UPDATE + EVENT - 4800, ['closeNow']],
];

const thousands = (gas: number) => gas.toLocaleString('en-US');
const sum = (items: readonly Item[]) => items.reduce((total, { gas }) => total + gas, 0);

function trace({ label, calldata, items }: Traced): string[] {
  const total = INTRINSIC + calldata + sum(items);
  const shown = items.filter(({ gas }) => gas >= LEAST);
  const rows = [
    `| every transaction | | ${thousands(INTRINSIC)} |`,
    `| the call's data | | ${thousands(calldata)} |`,
    ...shown.map(({ kind, name, gas }) => `| ${name} | ${KINDS[kind]} | ${thousands(gas)} |`),
    `| ${items.length - shown.length} others below ${LEAST} | | ${thousands(sum(items) - sum(shown))} |`,
    `| **all** | | **${thousands(total)}** |`,
  ];
  const kinds = Object.entries(KINDS).map(([kind, name]) => {
    const gas = sum(items.filter((item) => item.kind === kind));
    return `${name} ${thousands(gas)}`;
  });
  return [
    `### ${label}`,
    '',
    '| What | Kind | Gas |',
    '|---|---|---:|',
    ...rows,
    '',
    `By kind: ${kinds.join('; ')}.`,
    '',
  ];
}

/** The generated part of docs/gas.md. @param measured Of the snapshots, by name. */
export function pages(traces: readonly Traced[], measured: Record<string, string>): string {
  const floors = FLOORS.map(([name, floor, parts]) => {
    const gas = parts.reduce((total, part) => total + Number(measured[part] ?? 0), 0);
    return `| ${name} | ${thousands(floor)} | ${thousands(gas)} | ${(gas / floor).toFixed(2)} |`;
  });
  return [
    '### Distance to the floor',
    '',
    '| Operation | Floor | Measured, all transactions | Times |',
    '|---|---:|---:|---:|',
    ...floors,
    '',
    ...traces.flatMap(trace),
  ]
    .join('\n')
    .trimEnd();
}
