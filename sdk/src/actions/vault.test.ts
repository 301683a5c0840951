import {
  type Address,
  createClient,
  custom,
  decodeFunctionData,
  encodeErrorResult,
  encodeFunctionResult,
  type Hex,
} from 'viem';
import { describe, expect, it } from 'vitest';
import { liquidityVaultAbi as abi } from '../abi/index.ts';
import { ContractRefusedError } from '../errors/index.ts';
import { claimDeposit } from './claimDeposit.ts';
import { claimRedeem } from './claimRedeem.ts';
import { convertToAssets } from './convertToAssets.ts';
import { convertToShares } from './convertToShares.ts';
import type { AnyClient } from './engine.ts';
import { getCooldown } from './getCooldown.ts';
import { getDepositRequest } from './getDepositRequest.ts';
import { getRedeemRequest } from './getRedeemRequest.ts';
import { getShareSupply } from './getShareSupply.ts';
import { getShares } from './getShares.ts';
import { getTotalAssets } from './getTotalAssets.ts';
import { getVault } from './getVault.ts';
import { isOperator } from './isOperator.ts';
import { refundDeposit } from './refundDeposit.ts';
import { requestDeposit } from './requestDeposit.ts';
import { requestRedeem } from './requestRedeem.ts';
import { setOperator } from './setOperator.ts';
import { settleEpoch } from './settleEpoch.ts';

const vault: Address = '0x00000000000000000000000000000000000000AA';
const from: Address = '0x00000000000000000000000000000000000000B1';
const owner: Address = '0x00000000000000000000000000000000000000c1';
const to: Address = '0x00000000000000000000000000000000000000d1';
const HASH: Hex = `0x${'ab'.repeat(32)}`;

interface Sent {
  to: Address;
  from: Address;
  data: Hex;
  value?: Hex;
}

/** A chain that notes what is sent. */
function recorder() {
  const sent: Sent[] = [];
  const request = async ({ method, params }: { method: string; params?: unknown }) => {
    if (method === 'eth_chainId') return '0xa';
    if (method !== 'eth_sendTransaction') throw new Error(`${method} was not expected.`);
    sent.push((params as [Sent])[0]);
    return HASH;
  };
  return { sent, client: createClient({ transport: custom({ request }) }) as AnyClient };
}

/** A chain on which every view answers from a table. */
function answering(results: Record<string, unknown>): AnyClient {
  const request = async ({ params }: { params?: unknown }) => {
    const [{ data }] = params as [{ data: Hex }];
    const { functionName } = decodeFunctionData({ abi, data });
    return encodeFunctionResult({ abi, functionName, result: results[functionName] } as never);
  };
  return createClient({ transport: custom({ request }) }) as AnyClient;
}

describe('what is sent to the vault', () => {
  const cases: [string, (client: AnyClient) => Promise<Hex>, readonly unknown[]][] = [
    ['requestDeposit', (c) => requestDeposit(c, { vault, from, assets: 5n, controller: to, owner }), [5n, to, owner]],
    ['requestRedeem', (c) => requestRedeem(c, { vault, from, shares: 6n, controller: to, owner }), [6n, to, owner]],
    ['settleEpoch', (c) => settleEpoch(c, { vault, from, update: ['0x1234'] }), [['0x1234']]],
    ['claimDeposit', (c) => claimDeposit(c, { vault, from, requestId: 7n, to, controller: owner }), [7n, to, owner]],
    ['refundDeposit', (c) => refundDeposit(c, { vault, from, requestId: 8n, to, controller: owner }), [8n, to, owner]],
    ['claimRedeem', (c) => claimRedeem(c, { vault, from, requestId: 9n, to, controller: owner }), [9n, to, owner]],
    ['setOperator', (c) => setOperator(c, { vault, from, operator: to, approved: true }), [to, true]],
  ];

  it.each(cases)('%s', async (functionName, send, args) => {
    const { sent, client } = recorder();
    expect(await send(client)).toBe(HASH);
    expect(sent).toHaveLength(1);
    expect(sent[0]).toMatchObject({ to: vault, from });
    const call = decodeFunctionData({ abi, data: sent[0]?.data ?? '0x' });
    expect(call.functionName).toBe(functionName);
    expect(JSON.stringify(call.args, text).toLowerCase()).toBe(JSON.stringify(args, text).toLowerCase());
  });

  it('brings the fee of an update', async () => {
    const { sent, client } = recorder();
    await settleEpoch(client, { vault, from, update: [], value: 3n });
    expect(sent[0]?.value).toBe('0x3');
  });
});

describe('what the vault says', () => {
  it('tells where a request stands', async () => {
    const client = answering({
      pendingDepositRequest: 1n,
      claimableDepositRequest: 2n,
      claimableDepositShares: 3n,
      pendingRedeemRequest: 4n,
      claimableRedeemRequest: 5n,
      claimableRedeemAssets: 6n,
    });
    const request = { vault, requestId: 9n, controller: owner };
    expect(await getDepositRequest(client, request)).toEqual({ pending: 1n, claimable: 2n, shares: 3n });
    expect(await getRedeemRequest(client, request)).toEqual({ pending: 4n, claimable: 5n, assets: 6n });
  });

  it('tells what shares are worth and how long leaving takes', async () => {
    const client = answering({
      cooldown: 1n,
      totalAssets: 2n,
      totalSupply: 3n,
      balanceOf: 4n,
      convertToShares: 5n,
      convertToAssets: 6n,
      isOperator: true,
    });
    expect(await getCooldown(client, { vault })).toBe(1n);
    expect(await getTotalAssets(client, { vault })).toBe(2n);
    expect(await getShareSupply(client, { vault })).toBe(3n);
    expect(await getShares(client, { vault, owner })).toBe(4n);
    expect(await convertToShares(client, { vault, assets: 1n })).toBe(5n);
    expect(await convertToAssets(client, { vault, shares: 1n })).toBe(6n);
    expect(await isOperator(client, { vault, controller: owner, operator: to })).toBe(true);
  });

  it('tells what waits', async () => {
    const waiting = {
      depositsWaiting: 1n,
      depositsOpen: 2n,
      openEpoch: 3,
      refusedEpoch: 4,
      settledEpoch: 5,
      depositLock: 6,
      redemptionsCooling: 7n,
      maturedEpoch: 8,
      minCooldown: 9,
      maxCooldown: 10,
      utilisationBps: 11,
      outflowCapBps: 12,
      redemptionsWaiting: 13n,
      round: 14,
    };
    expect(await getVault(answering({ getVault: waiting }), { vault })).toEqual(waiting);
  });

  it('says why it refuses', async () => {
    const data = encodeErrorResult({ abi, errorName: 'NotRefundable', args: [owner, 7n] });
    const refusal = Object.assign(new Error('execution reverted'), { code: 3, data });
    const request = async () => {
      throw refusal;
    };
    const client = createClient({ transport: custom({ request }, { retryCount: 0 }) }) as AnyClient;
    await expect(getCooldown(client, { vault })).rejects.toThrow(ContractRefusedError);
  });
});

const text = (_: string, value: unknown) => (typeof value === 'bigint' ? value.toString() : value);
