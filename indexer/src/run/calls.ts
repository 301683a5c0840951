import { type Abi, type AbiFunction, encodeFunctionData, type Hex } from 'viem';
import { decodeValues } from '../chain/abiValues.ts';
import type { Chain } from '../chain/chain.ts';
import { signatureOf } from '../wasm/abi.ts';
import { type AbiValue, type ContractCall, HandlerFailed, Missing } from '../wasm/host.ts';

/** Calls of contracts at one block, each asked once. */
export class Calls {
  readonly #chain: Chain;
  readonly #block: string;
  readonly #answers = new Map<string, Hex | null>();

  /** @param block Its hash. */
  constructor(chain: Chain, block: string) {
    [this.#chain, this.#block] = [chain, block];
  }

  /**
   * What a contract returns; null when it reverts, or returns what its ABI does not permit.
   * @throws {Missing} {@link HandlerFailed} when the ABI has no such function.
   */
  call(abis: ReadonlyMap<string, Abi>, { contract, address, functionName, ...call }: ContractCall) {
    const item = abis
      .get(contract)
      ?.find((one): one is AbiFunction => one.type === 'function' && signatureOf(one) === call.signature);
    if (!item) throw new HandlerFailed(`The ABI of ${contract} has no function ${call.signature}.`);
    const data = encodeFunctionData({ abi: [item], functionName, args: call.arguments });
    const key = `${address} ${data}`;
    const answer = this.#answers.get(key);
    if (answer === undefined) {
      throw new Missing(async () => {
        this.#answers.set(key, await this.#chain.call(this.#block, address, data));
      });
    }
    // Where there is no contract a call answers nothing.
    if (answer === null || (answer === '0x' && item.outputs.length > 0)) return null;
    return decodeValues(item.outputs, answer) as readonly AbiValue[] | null;
  }
}
