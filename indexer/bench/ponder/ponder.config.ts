import { createConfig } from 'ponder';
import { derivativesEngineAbi } from '../../../sdk/src/abi/derivativesEngine.ts';

const setting = (name: string): string => {
  const value = process.env[name];
  if (value === undefined) throw new Error(`The bench sets ${name}.`);
  return value;
};

// Ponder asks each address 500 times a second at most, and begins with 20: the one node has several.
const rpc = Array.from({ length: Number(setting('BENCH_ADDRESSES')) }, (_, path) => `${setting('BENCH_RPC')}/${path}`);
const postgres = process.env.BENCH_POSTGRES;

export default createConfig({
  database: postgres
    ? { kind: 'postgres', connectionString: postgres }
    : { kind: 'pglite', directory: setting('BENCH_FOLDER') },
  chains: { bench: { id: 31_337, rpc } },
  contracts: {
    Engine: {
      chain: 'bench',
      abi: derivativesEngineAbi,
      address: setting('BENCH_ENGINE') as `0x${string}`,
      startBlock: 1,
      endBlock: Number(setting('BENCH_LAST')),
    },
  },
});
