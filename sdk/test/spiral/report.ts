import type { Spiral } from './spiral.ts';
import { type Cash, PARTIES, type Party, RAW, WAD } from './stage.ts';

const NAMES: Record<Party, string> = {
  longs: 'losers (longs)',
  shorts: 'winners (shorts)',
  others: 'other market',
  keeper: 'keeper',
  insurance: 'insurance',
  fees: 'fees, treasury',
  pool: 'pool',
  claims: 'paid on claims, uncollected',
};
const COLOURS: Record<Party, string> = {
  longs: '#c0392b',
  shorts: '#2e86c1',
  others: '#7f8c8d',
  keeper: '#f39c12',
  insurance: '#8e44ad',
  fees: '#d4ac0d',
  pool: '#1e8449',
  claims: '#5dade2',
};

/** USD of 18 decimals to the cent, toward zero; what is less than a cent shows as ±0.00. */
export function dollars(wads: bigint): string {
  const magnitude = wads < 0n ? -wads : wads;
  const cents = (magnitude * 100n) / WAD;
  const whole = (cents / 100n).toString().replace(/\B(?=(\d{3})+$)/g, ',');
  return `${wads < 0n ? '−' : ''}${whole}.${(cents % 100n).toString().padStart(2, '0')}`;
}

/** The tables of docs/death-spiral.md. */
export function tables(spiral: Spiral): string {
  const { losses, claims, deleveraged, allocation } = spiral;
  const row = (name: string, flow: Cash) =>
    `| ${name} | ${PARTIES.map((party) => (flow[party] === 0n ? '' : dollars(flow[party]))).join(' | ')} |`;
  const total = Object.fromEntries(
    PARTIES.map((party) => [party, spiral.flows.reduce((sum, { flow }) => sum + flow[party], 0n)]),
  ) as Cash;
  const units = (size: bigint) => `${Number(size) / 1e12}`;
  return [
    `| Stage | ${PARTIES.map((party) => NAMES[party]).join(' | ')} |`,
    `| --- |${' ---: |'.repeat(PARTIES.length)}`,
    ...spiral.flows.map(({ stage, flow }) => row(stage, flow)),
    row('**All**', total),
    '',
    '| What | USD |',
    '| --- | ---: |',
    `| Locked by the market when the price gapped | ${dollars(allocation.locked / RAW)} |`,
    `| Its allocation | ${dollars(allocation.allotted / RAW)} |`,
    `| Lost by those who were liquidated | ${dollars(losses.lost / RAW)} |`,
    `| of it from their own equity | ${dollars(losses.equity / RAW)} |`,
    `| of it from insurance, at most half of ${dollars(losses.fund)} | ${dollars(losses.insurance / RAW)} |`,
    `| of it from the pool | ${dollars(losses.pool / RAW)} |`,
    `| Claims at their most | ${dollars(claims.most)} |`,
    `| Crystallised for them | ${dollars(claims.crystallised)} |`,
    `| Claims at the end | ${dollars(claims.atEnd)} |`,
    `| Deleveraged, base units: shorts before, after | ${units(deleveraged.before)}, ${units(deleveraged.rest)} |`,
  ].join('\n');
}

const WIDTH = 960;
const LEFT = 90;
const usd = (wads: bigint) => Number(wads / 10n ** 16n) / 100;

/** Both charts as one SVG: who pays whom by stage, and the market's exposure beside the pool's value. */
export function plot(spiral: Spiral): string {
  const legend = PARTIES.map(
    (party, i) =>
      `<rect x="${LEFT + (i % 4) * 210}" y="${34 + Math.floor(i / 4) * 18}" width="12" height="12" fill="${COLOURS[party]}"/>` +
      text(LEFT + 18 + (i % 4) * 210, 44 + Math.floor(i / 4) * 18, NAMES[party]),
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} 880" font-family="sans-serif" font-size="12">`,
    '<title>A death spiral: who pays and who receives, and the market against its allocation</title>',
    `<rect width="${WIDTH}" height="880" fill="#ffffff"/>`,
    text(LEFT, 22, 'Who pays (below zero) and who receives (above), by stage; thousand USD'),
    ...legend,
    ...bars(spiral, 80, 340),
    text(LEFT, 500, 'The market and the pool after each step since the gap; thousand USD'),
    ...lines(spiral, 540, 260),
    '</svg>',
    '',
  ].join('\n');
}

/** A vertical scale with grid lines every `step` dollars. */
function scale(lo: number, hi: number, top: number, height: number, step: number) {
  const y = (value: number) => round(top + (height * (hi - value)) / (hi - lo));
  const grid: string[] = [];
  for (let value = Math.ceil(lo / step) * step; value <= hi; value += step) {
    const shade = value === 0 ? '#333333' : '#dddddd';
    grid.push(`<line x1="${LEFT}" x2="${WIDTH - 20}" y1="${y(value)}" y2="${y(value)}" stroke="${shade}"/>`);
    grid.push(text(LEFT - 8, y(value) + 4, `${value / 1000}`, 'end'));
  }
  return { y, grid };
}

function bars({ flows }: Spiral, top: number, height: number): string[] {
  const heights = flows.map(({ flow }) => PARTIES.reduce((sum, party) => sum + Math.max(0, usd(flow[party])), 0));
  const most = Math.max(...heights) * 1.05;
  const { y, grid } = scale(-most, most, top, height, 20_000);
  const width = (WIDTH - LEFT - 20) / flows.length;
  const drawn = flows.flatMap(({ stage, flow }, i) => {
    const x = round(LEFT + width * i + width * 0.2);
    let [above, below] = [0, 0];
    const parts = PARTIES.flatMap((party) => {
      const value = usd(flow[party]);
      if (value === 0) return [];
      const from = value > 0 ? above : below;
      if (value > 0) above += value;
      else below += value;
      const [upper, lower] = [y(Math.max(from, from + value)), y(Math.min(from, from + value))];
      return `<rect x="${x}" y="${upper}" width="${round(width * 0.6)}" height="${round(lower - upper)}" fill="${COLOURS[party]}"/>`;
    });
    const label = (stage.split(':')[0] ?? stage).split(/, | and /)[0] ?? stage;
    return [...parts, ...wrapped(label, round(LEFT + width * (i + 0.5)), top + height + 16)];
  });
  return [...grid, ...drawn];
}

function lines({ moments }: Spiral, top: number, height: number): string[] {
  const series = [
    { name: 'exposure U⁺ + ℓ·|K|·P', colour: '#c0392b', of: moments.map((m) => usd(m.exposure)) },
    { name: 'net asset value', colour: '#1e8449', of: moments.map((m) => usd(m.netAssetValue)) },
    { name: 'cash of the pool', colour: '#7f8c8d', of: moments.map((m) => usd(m.cash)) },
    { name: 'claims', colour: '#2e86c1', of: moments.map((m) => usd(m.claims)) },
  ];
  const most = Math.max(...series.flatMap(({ of }) => of)) * 1.05;
  const { y, grid } = scale(0, most, top, height, 20_000);
  const x = (i: number) => round(LEFT + ((WIDTH - LEFT - 20) * i) / (moments.length - 1));
  const paths = series.flatMap(({ name, colour, of }, i) => [
    `<polyline fill="none" stroke="${colour}" stroke-width="2" points="${of.map((v, j) => `${x(j)},${y(v)}`).join(' ')}"/>`,
    `<rect x="${LEFT + i * 210}" y="512" width="12" height="12" fill="${colour}"/>`,
    text(LEFT + 18 + i * 210, 522, name),
  ]);
  const ticks: string[] = [];
  let free = 0;
  let shown = '';
  for (const [i, { at }] of moments.entries()) {
    if (x(i) < free || time(at) === shown) continue;
    shown = time(at);
    free = x(i) + 50;
    ticks.push(text(x(i), top + height + 18, shown, 'middle'));
  }
  return [...grid, ...paths, ...ticks, text(WIDTH / 2, top + height + 42, 'since the gap', 'middle')];
}

const time = (seconds: bigint) => (seconds < 3600n ? `${seconds} s` : `${seconds / 3600n} h`);
const round = (value: number) => Math.round(value * 10) / 10;

function text(x: number, y: number, content: string, anchor = 'start'): string {
  return `<text x="${x}" y="${round(y)}" text-anchor="${anchor}" fill="#222222">${content}</text>`;
}

/** Words over lines of at most 18 characters. */
function wrapped(content: string, x: number, y: number): string[] {
  const rows: string[] = [];
  for (const word of content.split(' ')) {
    const last = rows.at(-1);
    if (last !== undefined && last.length + word.length < 18) rows[rows.length - 1] = `${last} ${word}`;
    else rows.push(word);
  }
  return rows.map((row, i) => text(x, y + i * 14, row, 'middle'));
}
