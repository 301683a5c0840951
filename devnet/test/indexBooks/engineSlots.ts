import type { Address, Hex } from 'viem';
import { mapped, type ReadWord, Storage, type Struct } from './storage.ts';

const ENGINE = 'tidemark.storage.Engine';
const ERC20 = 'openzeppelin.storage.ERC20';

/** A market's words and its parameters'. */
export interface MarketSlots {
  readonly market: Struct;
  readonly config: Struct;
  /** The word of parameters. */
  readonly configWord: bigint;
  readonly escrow: bigint;
}

/** What engine and vault store, at the block that is compared. */
export class EngineSlots {
  readonly #engine: Storage;
  readonly #vault: Storage;

  constructor({ engine, vault }: { engine: Address; vault: Address }, read: ReadWord) {
    this.#engine = new Storage('DerivativesEngine', engine, read);
    this.#vault = new Storage('LiquidityVault', vault, read);
  }

  /** Pool, reserves, claims, custody and what is owed to liquidity providers, all in one. */
  async totals(): Promise<Struct> {
    const at = (label: string) => this.#engine.root(ENGINE, label);
    const [pool, reserves, claims, custody, payable, marketCount] = await Promise.all([
      this.#engine.struct('Pool', at('pool')),
      this.#engine.struct('Reserves', at('reserves')),
      this.#engine.struct('Claims', at('claims')),
      this.#engine.word(at('custody')),
      this.#engine.word(at('lpPayable')),
      this.#engine.word(at('marketCount')),
    ]);
    const halves = (word: bigint) => [BigInt.asUintN(128, word), word >> 128n] as const;
    const [held, lpPending] = halves(custody);
    const [lpPayable, claimsPaid] = halves(payable);
    const { outstanding = 0n } = claims;
    return { ...pool, ...reserves, outstanding, custody: held, lpPending, lpPayable, claimsPaid, marketCount };
  }

  async market(id: bigint): Promise<MarketSlots> {
    const base = mapped(id, this.#engine.root(ENGINE, 'markets'));
    const at = (label: string) => base + this.#engine.within('EngineStorage.MarketSlots', label);
    const [market, config, configWord, queue] = await Promise.all([
      this.#engine.struct('Market', at('market')),
      this.#engine.struct('MarketConfig', at('config')),
      this.#engine.word(at('config')),
      this.#engine.struct('Queue', at('queue')),
    ]);
    return { market, config, configWord, escrow: queue.escrow ?? 0n };
  }

  account(account: Hex): Promise<Struct> {
    return this.#engine.struct('Account', this.#accountAt(account, 'account'));
  }

  position(account: Hex, market: bigint): Promise<Struct> {
    return this.#engine.struct('Position', this.#accountAt(account, 'positions') + market);
  }

  /** The vault's shares that exist. */
  shareSupply(): Promise<bigint> {
    return this.#vault.word(this.#vault.root(ERC20, '_totalSupply'));
  }

  sharesOf(holder: Hex): Promise<bigint> {
    return this.#vault.word(mapped(holder, this.#vault.root(ERC20, '_balances')));
  }

  #accountAt(account: Hex, label: string): bigint {
    const base = mapped(account, this.#engine.root(ENGINE, 'accounts'));
    return base + this.#engine.within('EngineStorage.AccountSlots', label);
  }
}
