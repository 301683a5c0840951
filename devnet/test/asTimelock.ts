import { parseEther } from 'viem';
import { toAccount } from 'viem/accounts';
import { connect } from '../src/chain.ts';
import type { Stage } from './stage.ts';

/** A client that sends as the timelock, as if a vote had decided it. */
export async function asTimelock({ admin, rpc, deployment }: Stage) {
  const { timelock: address } = deployment.governance;
  await admin.impersonateAccount({ address });
  await admin.setBalance({ address, value: parseEther('1') });
  return connect(rpc, toAccount(address));
}
