import type { OrderRefusalName, SignedOrder } from '@tidemark/sdk';

/** Signed orders that wait, wherever they are kept. */
export interface OrderFeed {
  /** Those that wait now, in the order in which they were told. */
  list(): readonly SignedOrder[];
  /** Told that a commit left an order out, and why. */
  refused(order: SignedOrder, reason: OrderRefusalName): void;
  close(): Promise<void>;
}
