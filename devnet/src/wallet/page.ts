/// <reference lib="dom" />
// The devnet's test wallet, as the page loads it: announces itself by EIP-6963 and signs for real, with a public key.
import { createClient, type Hex, hexToBigInt, http, numberToHex, publicActions, type TransactionRequest } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';

declare const WALLET_KEY: Hex;
declare const RPC: string;
declare const CHAIN_ID: number;

interface Request {
  readonly method: string;
  readonly params?: readonly unknown[];
}

interface Sent {
  readonly to?: Hex;
  readonly data?: Hex;
  readonly input?: Hex;
  readonly value?: Hex;
  readonly gas?: Hex;
  readonly nonce?: Hex;
}

const account = privateKeyToAccount(WALLET_KEY);
const client = createClient({ account, transport: http(RPC) }).extend(publicActions);
const listeners = new Map<string, Set<(value: unknown) => void>>();
/** As a browser's wallet does, it remembers over a reload whom it let see its account. */
const CONNECTED = 'tidemark.test-wallet';

function refuse(code: number, message: string): never {
  throw Object.assign(new Error(message), { code });
}

async function sendTransaction(sent: Sent): Promise<Hex> {
  const request: TransactionRequest = {
    from: account.address,
    ...(sent.to ? { to: sent.to } : {}),
    data: sent.data ?? sent.input ?? '0x',
    value: sent.value ? hexToBigInt(sent.value) : 0n,
  };
  const [gas, nonce, fees] = await Promise.all([
    sent.gas ? hexToBigInt(sent.gas) : client.estimateGas({ ...request, account: account.address }),
    sent.nonce ? Number(sent.nonce) : client.getTransactionCount({ address: account.address, blockTag: 'pending' }),
    client.getBlock().then((block) => block.baseFeePerGas ?? 0n),
  ]);
  const serialized = await account.signTransaction({
    chainId: CHAIN_ID,
    type: 'eip1559',
    to: request.to ?? undefined,
    data: request.data,
    value: request.value,
    gas: (gas * 12n) / 10n,
    nonce,
    maxFeePerGas: fees * 2n + 1_000_000n,
    maxPriorityFeePerGas: 1_000_000n,
  });
  return client.request({ method: 'eth_sendRawTransaction', params: [serialized] });
}

async function request({ method, params = [] }: Request): Promise<unknown> {
  switch (method) {
    case 'eth_requestAccounts':
      sessionStorage.setItem(CONNECTED, 'yes');
      for (const listener of listeners.get('accountsChanged') ?? []) listener([account.address]);
      return [account.address];
    case 'eth_accounts':
      return sessionStorage.getItem(CONNECTED) ? [account.address] : [];
    case 'eth_chainId':
      return numberToHex(CHAIN_ID);
    case 'net_version':
      return String(CHAIN_ID);
    case 'wallet_switchEthereumChain': {
      const [{ chainId }] = params as [{ chainId: Hex }];
      return Number(chainId) === CHAIN_ID ? null : refuse(4902, 'This wallet knows the devnet only.');
    }
    case 'wallet_addEthereumChain':
      return null;
    case 'personal_sign':
      return account.signMessage({ message: { raw: params[0] as Hex } });
    case 'eth_signTypedData_v4': {
      const typed = params[1];
      return account.signTypedData(typeof typed === 'string' ? JSON.parse(typed) : typed);
    }
    case 'eth_sendTransaction':
      return sendTransaction(params[0] as Sent);
    default:
      return client.request({ method, params } as never);
  }
}

const provider = {
  request,
  on(event: string, listener: (value: unknown) => void) {
    const set = listeners.get(event) ?? new Set();
    listeners.set(event, set.add(listener));
    return provider;
  },
  removeListener(event: string, listener: (value: unknown) => void) {
    listeners.get(event)?.delete(listener);
    return provider;
  },
};

const icon = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#1f5fd6"/><path d="M6 20q5-6 10 0t10 0" stroke="#fff" stroke-width="3" fill="none"/></svg>',
)}`;
const detail = Object.freeze({
  info: {
    uuid: '5f0f7f2e-6d1e-4f53-9b0a-7f6c1b1e0901',
    name: 'Tidemark test wallet',
    icon,
    rdns: 'local.tidemark.test',
  },
  provider,
});
const announce = () => window.dispatchEvent(new CustomEvent('eip6963:announceProvider', { detail }));
window.addEventListener('eip6963:requestProvider', announce);
announce();
