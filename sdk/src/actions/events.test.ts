import { encodeAbiParameters, encodeEventTopics, type Log, zeroAddress } from 'viem';
import { describe, expect, it } from 'vitest';
import { derivativesEngineAbi } from '../abi/index.ts';
import { accountId } from '../accounts.ts';
import { getOrderOutcomes, parseEngineEvents } from './events.ts';

const ENGINE = '0x00000000000000000000000000000000000000AA';
const account = accountId('0x70997970C51812dc3A010C7d01b50e0d17dc79C8', 3n);

function failedLog(address: string, reason: number): Log {
  const topics = encodeEventTopics({
    abi: derivativesEngineAbi,
    eventName: 'OrderFailed',
    args: { market: 1n, account },
  });
  const data = encodeAbiParameters(
    [{ type: 'uint256' }, { type: 'uint8' }, { type: 'uint256' }, { type: 'uint256' }],
    [7n, reason, 1n, 2n],
  );
  return { address, topics, data, transactionHash: null, logIndex: 0, removed: false } as unknown as Log;
}

describe('events', () => {
  it('passes over other contracts', () => {
    expect(parseEngineEvents({ engine: ENGINE, logs: [failedLog(zeroAddress, 2)] })).toEqual([]);
  });

  it('names the reason of a failed order and what to do', () => {
    const logs = [failedLog(ENGINE.toLowerCase(), 2)];
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
});
