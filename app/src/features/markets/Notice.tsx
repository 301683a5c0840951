import { useHistory } from '../../data/history.ts';
import { judgePrice, stateOf } from '../../data/oracle.ts';
import { priceAge, useApp, useMarket, useTick } from '../../data/store.ts';
import { noticeOf } from './status.ts';

/** Says over the chart what is wrong, and takes no room while nothing is. */
export function Notice({ candles }: { candles: string }) {
  const market = useMarket();
  const { answers, pricesOpen, snapshot } = useApp();
  const tick = useTick(market.id);
  const historyProblem = useHistory((state) => state.problem);
  const state = snapshot?.markets.get(market.id);
  const notice = noticeOf({
    answers,
    block: snapshot?.block ?? null,
    pauseLevel: snapshot?.pauseLevel ?? 0,
    offPeg: snapshot?.offPeg ?? false,
    reduceOnly: state !== undefined && (state.config.flags & 2n) !== 0n,
    priceAge: priceAge(market.id),
    pricesOpen,
    priceState: tick && state ? stateOf(judgePrice(tick, state.sources)) : null,
    historyProblem,
    candleProblem: candles,
  });
  return (
    <div className="notice-place" role="status" data-testid="notice">
      {notice && <p className={`notice ${notice.tone}`}>{notice.text}</p>}
    </div>
  );
}
