import { type Abi, encodeAbiParameters, encodeEventTopics, type Log, toHex, zeroAddress } from 'viem';
import { describe, expect, it } from 'vitest';
import { derivativesEngineAbi } from '../abi/index.ts';
import { accountId } from '../accounts.ts';
import { packOrder } from '../math/orderWords.ts';
import { getOrderOutcomes, getOrdersLeftOut, parseEngineEvents } from './events.ts';

const ENGINE = '0x00000000000000000000000000000000000000AA';
const OWNER = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8';
const WORD = toHex(5n, { size: 32 });
const account = accountId(OWNER, 3n);

type Inputs = Record<string, unknown>;

function log(eventName: string, args: Inputs, address: string = ENGINE): Log {
  const abi: Abi = derivativesEngineAbi;
  const event = abi.find((item) => item.type === 'event' && item.name === eventName);
  if (event?.type !== 'event') throw new Error(`The engine has no event ${eventName}.`);
  const plain = event.inputs.filter(({ indexed }) => !indexed);
  const topics = encodeEventTopics({ abi, eventName, args });
  const data = encodeAbiParameters(
    plain,
    plain.map(({ name }) => args[name ?? '']),
  );
  return { address, topics, data, transactionHash: null, logIndex: 0, removed: false } as unknown as Log;
}

const failed = { market: 1n, account, index: 7n, reason: 2, actual: 1n, limit: 2n };
const order = packOrder({ account, sizeDelta: 5n, limitPrice: 6n, nonce: 9n });

describe('events', () => {
  it('passes over other contracts', () => {
    expect(parseEngineEvents({ engine: ENGINE, logs: [log('OrderFailed', failed, zeroAddress)] })).toEqual([]);
  });

  it('names the reason of a failed order and what to do', () => {
    const logs = [log('OrderFailed', failed, ENGINE.toLowerCase())];
    expect(getOrderOutcomes({ engine: ENGINE, logs })).toMatchObject([
      {
        status: 'failed',
        market: 1n,
        account,
        index: 7n,
        reason: 'LimitExceeded',
        next: expect.stringContaining('limit'),
      },
    ]);
  });

  it('tells a released order and the nonce that is free again', () => {
    const logs = [log('OrderReleased', { market: 1n, account, index: 7n, nonce: 9n }), log('OrderFailed', failed)];
    const [released, second] = getOrderOutcomes({ engine: ENGINE, logs });
    expect(released).toEqual({ status: 'released', market: 1n, account, index: 7n, nonce: 9n, transaction: null });
    expect(second?.status).toBe('failed');
  });

  it('names why an order was left out of a batch', () => {
    const leftOut = { market: 1n, account, nonce: 9n, reason: 5, actual: 9n, limit: 0n };
    const batch = { place: 3n, orders: [order] };
    expect(
      getOrdersLeftOut({ engine: ENGINE, logs: [log('BatchCommitted', batch), log('OrderLeftOut', leftOut)] }),
    ).toEqual([
      {
        market: 1n,
        account,
        nonce: 9n,
        reason: 'NonceUsed',
        what: expect.stringContaining('9'),
        next: expect.any(String),
      },
    ]);
  });

  it.each([
    ['OrdersAnnounced', { market: 1n, by: OWNER, orders: [{ ...order, r: WORD, vs: WORD }], others: ['0x01'] }],
    ['DelegateSet', { owner: OWNER, delegate: ENGINE, expiry: 1n, markets: 2n, permissions: 3n, dailyLimit: 4n }],
    ['BuilderApproved', { owner: OWNER, builder: ENGINE, maxFee: 5n }],
    ['NoncesCancelled', { account, word: 1n, nonces: 6n }],
  ])('decodes %s', (eventName, args) => {
    expect(parseEngineEvents({ engine: ENGINE, logs: [log(eventName, args)] })).toMatchObject([{ eventName, args }]);
  });
});
