import { type WebSocketTransport, webSocket } from 'viem';

/**
 * Listens for new blocks where an RPC is reached by WebSocket. It only tells earlier what polling would tell: a connection
 * that fails is made again by itself.
 * @returns What ends it.
 */
export function watchHeads(urls: readonly string[], onHead: () => void): () => Promise<void> {
  const watching = urls.filter(isWebSocket).map((url) => subscribe(webSocket(url)({ retryCount: 0 }), onHead));
  return async () => {
    for (const end of await Promise.all(watching)) await end();
  };
}

export const isWebSocket = (url: string) => /^wss?:/.test(url);

async function subscribe(
  transport: ReturnType<WebSocketTransport>,
  onHead: () => void,
): Promise<() => Promise<unknown>> {
  try {
    const asked = { params: ['newHeads'], onData: onHead, onError: () => {} } as const;
    const subscription = await transport.value?.subscribe({ ...asked, params: [...asked.params] });
    return async () => {
      await subscription?.unsubscribe().catch(() => {});
      (await transport.value?.getRpcClient())?.close();
    };
  } catch {
    return async () => {};
  }
}
