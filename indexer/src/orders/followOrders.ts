import type { OrderService } from '@tidemark/orders';
import type { KeptOrder } from '@tidemark/sdk';
import type { Hex } from 'viem';

/** Whose orders. */
export interface OrdersOf {
  readonly account?: Hex;
  readonly owner?: Hex;
}

/** The orders of somebody that wait or are committed, now and after each change of them, until it is returned. */
export function followOrders<answer>(
  service: Pick<OrderService, 'list' | 'subscribe'>,
  of: OrdersOf,
  answerOf: (order: KeptOrder) => answer,
): AsyncGenerator<{ keptOrders: answer[] }> {
  let shown = new Set<Hex>();
  let [changed, ended, wake] = [true, false, () => {}];
  const isOurs = ({ order }: KeptOrder) =>
    (of.account === undefined || order.account === of.account) &&
    (of.owner === undefined || order.account.startsWith(of.owner));
  // Heard from now on, so that nothing is lost before the first list.
  const silence = service.subscribe((change) => {
    if (change.event === 'placed' ? !isOurs(change.order) : !shown.has(change.id)) return;
    changed = true;
    wake();
  });
  const changes = (async function* () {
    while (!ended) {
      if (changed) {
        changed = false;
        const { orders } = service.list(of);
        shown = new Set(orders.map(({ id }) => id));
        yield { keptOrders: orders.map(answerOf) };
      } else {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
  })();
  const end = () => {
    [ended] = [true];
    silence();
    wake();
  };
  // A generator that waits cannot be returned: it is woken first.
  const back = changes.return.bind(changes);
  return Object.assign(changes, {
    return: () => {
      end();
      return back(undefined);
    },
  });
}
