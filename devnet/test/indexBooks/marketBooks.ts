import type { Differences } from './differences.ts';
import type { EngineSlots, MarketSlots } from './engineSlots.ts';
import { type IndexState, numberOf } from './indexQueries.ts';
import type { Struct } from './storage.ts';

const WORDS = [
  'longs',
  'shorts',
  'accruedAt',
  'indexAt',
  'funding',
  'index',
  'fundingRate',
  'cash',
  'skewSeconds',
] as const;
/** The highest byte of a market's parameters: its flags, of which not every change is told. */
const FLAGS_AT = 248n;
/** The owner of what the vault keeps is not among the holders. */
const SHARES = 'shares';

/** Every word of every market, and its parameters. */
export async function compareMarkets(
  index: IndexState,
  markets: readonly MarketSlots[],
  differences: Differences,
): Promise<void> {
  for (const [id, { market, configWord }] of markets.entries()) {
    const row = await index.one('market', `${id}`, `${WORDS.join(' ')} config`);
    for (const name of WORDS) differences.compare(`${name} of market ${id}`, numberOf(row, name), market[name]);
    const parameters = (word: bigint) => BigInt.asUintN(Number(FLAGS_AT), word);
    differences.compare(`parameters of market ${id}`, parameters(numberOf(row, 'config')), parameters(configWord));
  }
}

/** Pool, reserves, claims and shares; and that nothing of the custody is missing among them and all margins. */
export async function comparePool(
  index: IndexState,
  slots: EngineSlots,
  totals: Struct,
  held: { readonly margins: bigint; readonly escrow: bigint },
  differences: Differences,
): Promise<void> {
  const of = (name: string) => totals[name] ?? 0n;
  const protocol = await index.one(
    'protocol',
    '0',
    'poolCash poolValue claims insurance treasury pauseLevel marketCount',
  );
  for (const [name, slot] of Object.entries({
    poolCash: 'cash',
    poolValue: 'value',
    claims: 'outstanding',
    insurance: 'insurance',
    treasury: 'treasury',
    marketCount: 'marketCount',
  }))
    differences.compare(name, numberOf(protocol, name), totals[slot]);
  // The rest of the word is whether USDC is off its peg.
  differences.compare('pauseLevel', numberOf(protocol, 'pauseLevel'), of('pauseLevel') & 3n);
  const told = ['cash', 'fees', 'insurance', 'treasury', 'claimsPaid', 'lpPending', 'lpPayable'];
  const rest = told.reduce((sum, name) => sum + of(name), held.margins + held.escrow);
  differences.compare('custody, of all margins and whatever else is kept', rest, totals.custody);

  const vault = await index.one('vault', '0', 'supply payable');
  differences.compare('shares that exist', numberOf(vault, 'supply'), await slots.shareSupply());
  differences.compare('redeemed and not claimed', numberOf(vault, 'payable'), totals.lpPayable);
  for (const row of await index.all('liquidityProviders', 'Bytes', SHARES)) {
    const holder = String(row.id) as `0x${string}`;
    differences.compare(`shares of ${holder}`, numberOf(row, SHARES), await slots.sharesOf(holder));
  }
}
