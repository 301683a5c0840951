import type { SimulationReport } from '../sdk/src/governance/index.ts';
import { FixedPoint } from '../sdk/src/math/index.ts';
import type { Run } from './limits.ts';
import { marketOf } from './market.ts';
import type { Proposed } from './parameters.ts';
import type { Period } from './periods.ts';
import { type Replayed, replay } from './replay.ts';
import { type Stretch, stretchOf } from './stretch.ts';

/** A market in a period by its proposed parameters, `replayed`, beside the present ones: same prices, same accounts. */
export interface Simulated extends Omit<Run, 'held'> {
  readonly proposed: Proposed;
  readonly present: Replayed;
}

/** Every market with proposed parameters in every period that has it. @param say Told what is being run. */
export function runSimulation(
  folder: string,
  periods: readonly Period[],
  markets: readonly Proposed[],
  seed: number,
  say: (line: string) => void,
): Simulated[] {
  return periods.flatMap((period) =>
    markets
      .filter(({ symbol }) => period.symbols.includes(symbol))
      .map((proposed) => {
        say(`${period.title}, ${proposed.symbol}`);
        return simulate(period, stretchOf(folder, period, proposed.symbol, { seed }), proposed);
      }),
  );
}

/** One stretch by both, its accounts apart: of all together the skew is far beyond what the caps let open. */
export function simulate(period: Period, stretch: Stretch, proposed: Proposed): Simulated {
  const { symbol, config } = proposed;
  const { feeds, from } = stretch;
  const rules = marketOf(symbol);
  const present = replay(feeds, rules, from, { alone: true });
  const replayed = replay(feeds, { ...rules, config }, from, { alone: true });
  return { period, stretch, proposed, present, replayed };
}

/** The replay as a proposal's metadata takes it: what changes, and what comes of it, before → after. */
export function simulationReport(
  markets: readonly Proposed[],
  simulated: readonly Simulated[],
  command: string,
): SimulationReport {
  const changes = markets.flatMap(({ symbol, present, config, changed }) =>
    changed.map((name) => figure(`${symbol}: ${name}`, present[name], config[name])),
  );
  const outcomes = simulated.flatMap(({ period, stretch, present, replayed }) => {
    const label = (what: string) => `${period.title}, ${stretch.symbol}: ${what}`;
    const of = `of ${present.accounts}`;
    return [
      figure(
        label('accounts that the initial margin refuses'),
        present.refusedAccounts,
        `${replayed.refusedAccounts} ${of}`,
      ),
      figure(label('accounts liquidated'), present.liquidatedAccounts, `${replayed.liquidatedAccounts} ${of}`),
      figure(label('liquidated'), dollars(present.notional), dollars(replayed.notional)),
      figure(label('penalties'), dollars(present.penalty), dollars(replayed.penalty)),
      figure(label('bad debt'), dollars(present.badDebt), dollars(replayed.badDebt)),
    ];
  });
  return { command, figures: [...changes, ...outcomes] };
}

/** The command that makes a report again, the parameters in it. @param period When it is not all of them. */
export function commandOf(markets: readonly Proposed[], seed: number, period: string | undefined): string {
  const changes = markets.map(({ symbol, config, changed }) => [
    symbol,
    Object.fromEntries(changed.map((name) => [name, Number(config[name])])),
  ]);
  const only = period === undefined ? '' : ` --period ${period}`;
  const parameters = JSON.stringify(Object.fromEntries(changes));
  return `echo '${parameters}' | npm run replay -- --parameters /dev/stdin --seed ${seed}${only}`;
}

const figure = (label: string, before: bigint | number | string, after: bigint | number | string) => ({
  label,
  value: `${before} → ${after}`,
});

/** USD of 18 decimals, rounded up to whole ones. */
const dollars = (usd: bigint) => `$${FixedPoint.divUp(usd, FixedPoint.WAD).toLocaleString('en-US')}`;
