import { accountId, derivativesEngineAbi, type Order, packOrder, placeOf } from '@tidemark/sdk';
import { type Abi, encodeAbiParameters, encodeEventTopics, type Hex, toHex } from 'viem';
import { accountOwner, engine } from './addresses.ts';
import { head, positions } from './scene.ts';

const account = accountId(accountOwner);
/** Half an hour before the picture. */
const block = head - 900;

function log(eventName: string, args: Record<string, unknown>, place: number) {
  const abi: Abi = derivativesEngineAbi;
  const event = abi.find((item) => item.type === 'event' && item.name === eventName);
  if (event?.type !== 'event') throw new Error(`The engine has no event ${eventName}.`);
  const plain = event.inputs.filter(({ indexed }) => !indexed);
  return {
    address: engine,
    topics: encodeEventTopics({ abi, eventName, args }),
    data: encodeAbiParameters(
      plain,
      plain.map(({ name }) => args[name ?? '']),
    ),
    blockNumber: toHex(block + place),
    blockHash: hash(place),
    transactionHash: hash(place),
    transactionIndex: '0x0',
    logIndex: toHex(place),
    removed: false,
  };
}

const hash = (place: number): Hex => toHex(place + 1, { size: 32 });

const committed = (market: bigint, index: bigint, order: Order, place: number) =>
  log('BatchCommitted', { place: placeOf({ market, index, feeCents: 20n }), orders: [order] }, place);

/** What the account did: a deposit, two orders that filled, one that failed, one that nobody settled. */
export function logs(): { blockNumber: Hex }[] {
  const amount = 10_000n * 10n ** 18n;
  const told = [log('Deposited', { account, from: accountOwner, amount, margin: amount }, 0)];
  for (const [id, { size, entry }] of Object.entries(positions)) {
    const order = packOrder({ account, sizeDelta: size, limitPrice: (entry * 201n) / 200n });
    const market = BigInt(id);
    const cost = size * entry;
    const change = BigInt.asUintN(88, size) | (BigInt.asUintN(168, cost) << 88n);
    const position = BigInt.asUintN(88, size) | (BigInt.asUintN(136, -cost) << 88n);
    const paid = amount | ((5n * 10n ** 18n) << 96n) | (7n << 192n) | (market << 232n);
    told.push(committed(market, 7n, order, told.length));
    told.push(log('OrderFilled', { account, change, position, paid, poolPays: 0n }, told.length));
  }
  const late = packOrder({ account, sizeDelta: 10n ** 12n, limitPrice: 2_700n * 10n ** 18n });
  told.push(committed(0n, 9n, late, told.length));
  const failed = { market: 0n, account, index: 9n, reason: 2, actual: 0n, limit: 0n };
  told.push(log('OrderFailed', failed, told.length));
  told.push(committed(1n, 11n, late, told.length));
  return told;
}
