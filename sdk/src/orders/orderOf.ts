import type { Order } from '../math/engineTypes.ts';
import { isSound, type OrderFields, packOrder, unpackOrder } from '../math/orderWords.ts';
import { OrderInvalidError } from './orderErrors.ts';

/**
 * An order's words, as a commit takes them.
 * @throws {OrderInvalidError} When a field does not fit its width, or the fields do not fit together.
 */
export function orderOf(fields: OrderFields): Order {
  const order = packOrder(fields);
  const kept = unpackOrder(order);
  const { sizeDelta, limitPrice, attachedTo = 0n, trigger, deadline = 0n, nonce = 0n, builder } = fields;
  for (const [name, given, stored] of [
    ['size', sizeDelta, kept.sizeDelta],
    ['limit price', limitPrice, kept.limitPrice],
    ['generation', attachedTo, kept.attachedTo ?? 0n],
    ['trigger price', trigger?.price ?? 0n, kept.trigger?.price ?? 0n],
    ['deadline', deadline, kept.deadline ?? 0n],
    ['nonce', nonce, kept.nonce ?? 0n],
    ["builder's fee", builder?.fee ?? 0n, kept.builder?.fee ?? 0n],
  ] as const) {
    if (given === stored) continue;
    throw new OrderInvalidError(
      `The order's ${name} of ${given} does not fit its field.`,
      'Give one within its range.',
    );
  }
  if (!isSound(order.terms, order.extras)) {
    throw new OrderInvalidError(
      "The order's fields do not fit together.",
      'Give a trigger a price, a builder at most 5 bp, an attached order at most twice its position; no trigger or nonce to one of the moment.',
    );
  }
  return order;
}
