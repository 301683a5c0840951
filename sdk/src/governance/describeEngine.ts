import { type Address, formatUnits } from 'viem';
import { readEngine } from '../actions/engine.ts';
import { getMarketConfig } from '../actions/getMarketConfig.ts';
import { getMarketParameters } from '../actions/getMarketParameters.ts';
import { type MarketConfig, MarketFlags, widen } from '../math/engineTypes.ts';
import { type Describe, described, type Surroundings } from './description.ts';
import { destinationOf, type MarketParameters } from './marketChanges.ts';
import { changeOf, changeSentence, dateWords, durationWords, marketChanges } from './words.ts';

// The engine's actions. Arguments are as viem decodes them.

const at = ({ exchange: { engine }, blockNumber }: Surroundings) => ({
  engine,
  ...(blockNumber !== undefined && { blockNumber }),
});

const ENDANGERING = 'Positions that are healthy now can be liquidated as this takes effect.';

/** Whether a change can raise the maintenance margin of a position: MM + β · MM / IM · |size| / S. */
function endangers(from: MarketConfig, to: MarketConfig): boolean {
  const { maintenanceMarginBps, marginSlopeBps, initialMarginBps, skewScale } = to;
  return (
    maintenanceMarginBps > from.maintenanceMarginBps ||
    marginSlopeBps * maintenanceMarginBps * from.initialMarginBps * from.skewScale >
      from.marginSlopeBps * from.maintenanceMarginBps * initialMarginBps * skewScale
  );
}

function onItsWay({ schedule: { endsAt } }: MarketParameters): string[] {
  const until = dateWords(endsAt);
  return until === null ? [] : [`A change of the market's parameters is on its way until ${until}.`];
}

export const ENGINE: Record<string, Describe> = {
  async scheduleParameters([market, config, fee, duration]: readonly [bigint, MarketConfig, number, bigint], s) {
    const name = s.marketName(market);
    const present = await getMarketParameters(s.client, { ...at(s), market });
    const from = destinationOf(present);
    const to = { ...widen(config), keeperFeeCents: BigInt(fee) };
    const changes = marketChanges({ ...from.config, keeperFeeCents: from.keeperFeeCents }, to);
    return described(`Change the parameters of market ${name}`, {
      sentences: [
        ...onItsWay(present).map((sentence) => `${sentence} This takes its place.`),
        `The parameters change over ${durationWords(duration)} from the execution; what cannot move in steps changes at once within the first two hours.`,
        ...changes.map(changeSentence),
      ],
      changes,
      warnings: [
        ...(changes.length === 0 ? ['It changes nothing.'] : []),
        ...(endangers(present.inForce, to) ? [ENDANGERING] : []),
      ],
    });
  },

  async cancelParameters([market]: readonly [bigint], s) {
    const present = await getMarketParameters(s.client, { ...at(s), market });
    const from = destinationOf(present);
    const stays = { ...present.inForce, keeperFeeCents: present.keeperFeeCents };
    const changes = marketChanges({ ...from.config, keeperFeeCents: from.keeperFeeCents }, stays);
    return described(`Stop the change of market ${s.marketName(market)}'s parameters`, {
      sentences: [
        ...onItsWay(present),
        'It stops where it stands when this is executed; what would change less, as of now:',
        ...changes.map(changeSentence),
      ],
      changes,
      warnings: present.schedule.endsAt === 0n ? ['No change is on its way: the execution would be refused.'] : [],
    });
  },

  async listMarket([config, fee]: readonly [MarketConfig, number], s) {
    const id = await readEngine(s.client, at(s), 'marketCount', []);
    const changes = marketChanges(null, { ...widen(config), keeperFeeCents: BigInt(fee) });
    return described(`List a new market, number ${id}`, {
      sentences: ['It can be traded from the execution on.', ...changes.map(changeSentence)],
      changes,
    });
  },

  async setReduceOnly([market, on]: readonly [bigint, boolean], s) {
    const { flags } = await getMarketConfig(s.client, { ...at(s), market });
    const was = (BigInt(flags) & MarketFlags.ReduceOnly) !== 0n;
    const name = s.marketName(market);
    const told = (reduceOnly: boolean) => (reduceOnly ? 'yes' : 'no');
    return described(on ? `Let market ${name} only shrink` : `Let market ${name} grow again`, {
      sentences: [on ? 'Positions can be reduced, not opened or grown.' : 'Positions can be opened and grown again.'],
      changes: [changeOf('Reduce-only', told(was), told(on))],
      warnings: was === on ? ['It is so already.'] : [],
    });
  },

  async setGasMarket([market]: readonly [bigint], s) {
    const before = await readEngine(s.client, at(s), 'gasMarket', []);
    const changes = [changeOf('Market that prices gas', s.marketName(before), s.marketName(market))];
    return described('Price gas by another market', {
      sentences: ["The keepers' rewards follow the price of ether in that market.", ...changes.map(changeSentence)],
      changes,
    });
  },

  payTreasury([to, assets]: readonly [Address, bigint]) {
    return described('Move fees to the treasury', {
      sentences: [`${formatUnits(assets, 6)} USDC that the engine holds for the treasury go to ${to}.`],
    });
  },

  async scheduleSettlement([market, time]: readonly [bigint, number], s) {
    const before = await readEngine(s.client, at(s), 'settlesAt', [market]);
    return described(`End market ${s.marketName(market)}`, {
      sentences: [
        'It is reduce-only from the execution on. From the time announced anybody may end it: every position is closed at a last price.',
      ],
      changes: [changeOf('Ends at', dateWords(before), dateWords(BigInt(time)))],
      warnings: ['Positions that are open then are closed without being asked.'],
    });
  },

  async cancelSettlement([market]: readonly [bigint], s) {
    const before = await readEngine(s.client, at(s), 'settlesAt', [market]);
    return described(`Let market ${s.marketName(market)} go on`, {
      sentences: ['Its announced end is taken back; it stays reduce-only until that is ended, too.'],
      changes: [changeOf('Ends at', dateWords(before), null)],
      warnings: before === 0n ? ['No end is announced: the execution would be refused.'] : [],
    });
  },
};
