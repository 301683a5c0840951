// Units of words are those of docs/mechanism.md; `orders` of The Graph's dialect are the entity Order.

/** What an order service adds to the gateway's schema. */
export const TYPE_DEFS = `
"An order as its owner signed it, see docs/order-service.md."
input SignedOrderInput {
  market: BigInt!
  "Owner and sub-account, 32 bytes."
  account: Bytes!
  "The words of the order, as docs/mechanism.md has them."
  terms: BigInt!
  extras: BigInt!
  signature: Bytes!
  "Whether a contract signed it whose signature is as long as a key's."
  byContract: Boolean
}

enum KeptOrderStatus {
  waiting
  committed
  gone
}

"An order that an order service keeps, and what has become of it. What the chain knows of orders is told by the entity Order."
type KeptOrder {
  "Its EIP-712 struct hash."
  id: Bytes!
  market: BigInt!
  account: Bytes!
  terms: BigInt!
  extras: BigInt!
  signature: Bytes!
  byContract: Boolean!
  status: KeptOrderStatus!
  "Of one that is gone: why."
  reason: String
}

type KeptOrderPage {
  orders: [KeptOrder!]!
  "The \`after\` of the next page; null with the last one."
  next: Bytes
}

extend type Query {
  "Orders that wait or are committed, 1,000 at once."
  keptOrders(account: Bytes, owner: Bytes, market: BigInt, after: Bytes): KeptOrderPage!
  "One order, also when it is gone; 30 days long."
  keptOrder(id: Bytes!): KeptOrder
}

extend schema {
  mutation: Mutation
}

type Mutation {
  "Takes 1 to 32 orders, all or none; durable when it is answered."
  placeOrder(orders: [SignedOrderInput!]!): [KeptOrder!]!
  "Forgets 1 to 32 orders, named by their ids, by the owner's signature: chain time, at most 600 s ahead."
  cancelOrder(owner: Bytes!, orders: [Bytes!]!, expiry: BigInt!, signature: Bytes!): [KeptOrder!]!
}

extend type Subscription {
  "The orders of an account or of an owner that wait or are committed, at most 1,000; again with each change of them."
  keptOrders(account: Bytes, owner: Bytes): [KeptOrder!]!
}
`;
