import type { Config } from '../../config.ts';
import { type History, useHistory } from '../../data/history.ts';
import type { Tick } from '../../data/prices.ts';
import { shared } from '../../data/shared.ts';
import type { Snapshot } from '../../data/snapshot.ts';
import { marketOf, useApp, useTicks } from '../../data/store.ts';
import {
  holdingsOf,
  liquidationOf,
  type PositionRow,
  positionRow,
  presentPrices,
  type Standing,
  standingOf,
} from './model.ts';

type Ticks = Readonly<Record<number, Tick>>;

const standing = shared((snapshot: Snapshot | null, ticks: Ticks): Standing | null => {
  const account = snapshot?.account;
  if (!snapshot || !account) return null;
  return standingOf(account.account.margin, holdingsOf(account, snapshot), presentPrices(snapshot, ticks));
});

const positions = shared(
  (config: Config, snapshot: Snapshot | null, ticks: Ticks, history: History): readonly PositionRow[] => {
    const account = snapshot?.account;
    if (!snapshot || !account) return [];
    const prices = presentPrices(snapshot, ticks);
    const holdings = holdingsOf(account, snapshot);
    const { margin } = account.account;
    const equity = standing(snapshot, ticks)?.equity ?? 0n;
    return holdings.map((holding) => {
      const entry = history.account === account.id ? history.entries.get(holding.id) : undefined;
      const asked = { id: holding.id, claim: account.claim, time: snapshot.timestamp };
      return positionRow(marketOf(config, holding.id), holding, {
        price: prices.get(holding.id) ?? holding.state.market.index,
        liquidation: liquidationOf(margin, holdings, prices, asked).now,
        entry: entry?.size === holding.position.size ? entry : null,
        equity,
      });
    });
  },
);

/** The connected account's standing at the present prices, or null while it is not read. */
export function useStanding(): Standing | null {
  const snapshot = useApp((state) => state.snapshot);
  return standing(
    snapshot,
    useTicks((state) => state.ticks),
  );
}

/** The connected account's positions at the present prices. */
export function usePositions(): readonly PositionRow[] {
  const config = useApp((state) => state.config);
  const snapshot = useApp((state) => state.snapshot);
  const ticks = useTicks((state) => state.ticks);
  return positions(config, snapshot, ticks, useHistory());
}
