// A share of the exact comparison, see checker.ts; it ends when its parent lets go of it.
import { type Order, PlainChecker } from './checker.ts';

const checker = new PlainChecker();
process.on('message', async (order: Order) => {
  if ('changes' in order) checker.apply(order.changes);
  else process.send?.(await checker.list(order.tick));
});
