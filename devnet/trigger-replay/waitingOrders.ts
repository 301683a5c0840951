import type { OrderFeed } from '@tidemark/keeper';
import type { OrderRefusalName, SignedOrder } from '@tidemark/sdk';

/** Signed orders kept in memory. */
export class WaitingOrders implements OrderFeed {
  readonly #orders = new Set<SignedOrder>();

  add(orders: readonly SignedOrder[]): void {
    for (const order of orders) this.#orders.add(order);
  }

  remove(order: SignedOrder): void {
    this.#orders.delete(order);
  }

  list(): readonly SignedOrder[] {
    return [...this.#orders];
  }

  refused(order: SignedOrder, _reason: OrderRefusalName): void {
    this.#orders.delete(order);
  }

  async close(): Promise<void> {}
}
