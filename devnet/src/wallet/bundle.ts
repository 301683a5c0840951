import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { ACCOUNTS, privateKeyOf } from '../accounts.ts';

/**
 * The test wallet as one script for the page.
 * @param rpc Where it sends transactions.
 */
export async function bundleWallet(rpc: string, chainId: number): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('page.ts', import.meta.url))],
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    define: {
      WALLET_KEY: JSON.stringify(privateKeyOf(ACCOUNTS.wallet)),
      RPC: JSON.stringify(rpc),
      CHAIN_ID: `${chainId}`,
    },
  });
  return outputFiles[0]?.text ?? '';
}
