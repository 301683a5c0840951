import type { Address } from 'viem';
import { PriceState, VaultMath } from '../../src/math/index.ts';
import { Engine, ModelError, Vault, type Verdict } from '../../src/model/index.ts';
import { type Chain, normalise } from './chain.ts';
import { DifferenceError, flat, show } from './difference.ts';
import { OracleModel, TokenModel } from './doubles.ts';
import { type Addresses, type ModelAnswer, type Operation, vaultAbi, type World } from './world.ts';

// What the vault's previews and views say, beside what is executed and stored.

type Foreseen = Verdict<Record<string, unknown>>;

/** The preview of an operation of the vault; undefined where there is none, or its surroundings refuse. */
export function vaultVerdict(world: World, op: Operation): Foreseen | undefined {
  const { time } = world;
  if (op.name === 'requestDeposit') {
    const [assets, controller, owner] = op.args as [bigint, Address, Address];
    if (world.token.feeBps !== 0n) return undefined;
    const wallet = {
      balance: new TokenModel(world.token, world.address).balanceOf(owner),
      allowance: world.token.approvers.has(owner.toLowerCase()) ? 2n ** 256n - 1n : 0n,
    };
    return Vault.previewRequestDeposit(world, time, op.sender, { assets, controller, owner }, wallet);
  }
  if (op.name === 'requestRedeem') {
    const [shares, controller, owner] = op.args as [bigint, Address, Address];
    return Vault.previewRequestRedeem(world, time, op.sender, { shares, controller, owner });
  }
  if (op.name === 'settleEpoch') {
    const prices = new OracleModel(world.oracle).observe(Engine.heldMarkets(world.engine));
    if (prices.some(({ state }) => state > PriceState.Guarded)) return undefined;
    return Vault.previewSettleEpoch(world, time, op.sender, prices);
  }
  const [requestId, to, controller] = op.args as [bigint, Address, Address];
  const claim = { requestId, to, controller };
  if (op.name === 'claimDeposit') return Vault.previewClaimDeposit(world, time, op.sender, claim);
  if (op.name === 'refundDeposit') return Vault.previewRefundDeposit(world, time, op.sender, claim);
  if (op.name === 'claimRedeem') return Vault.previewClaimRedeem(world, time, op.sender, claim);
  return undefined;
}

/** Preview = execution: the same error, or every figure that both have. */
export function compareVerdict(op: Operation, foreseen: Foreseen, answer: ModelAnswer): boolean {
  const differ = (executed: unknown, previewed: unknown) => {
    if (flat(executed) !== flat(previewed))
      throw new DifferenceError(`${op.name}: executed ${show(executed)}, previewed ${show(previewed)}.`);
  };
  if ('refusal' in answer) {
    const { name, args } = answer.refusal;
    if (foreseen.permitted) throw new DifferenceError(`${op.name}: refused by ${name}, previewed as permitted.`);
    differ([name, args], [foreseen.reason.errorName, foreseen.reason.args.map(normalise)]);
    return true;
  }
  if (!foreseen.permitted) throw new DifferenceError(`${op.name}: previewed as ${foreseen.reason.errorName}.`);
  const { result } = foreseen;
  const executed = (answer.result.settlement ?? answer.result) as Record<string, unknown>;
  for (const [name, value] of Object.entries(executed)) differ(value, result[name]);
  return true;
}

/** The contract's views of the vault after an operation. */
export async function compareViews(chain: Chain, at: Addresses, world: World, op: Operation): Promise<void> {
  const { vault: s, engine, time } = world;
  const supply = s.totalSupply;
  const value = () => Vault.storedValue(engine, time);
  const claims = op.name.startsWith('claim') || op.name === 'refundDeposit';
  const owner = claims ? (op.args[2] as Address) : op.sender;
  const request = claims ? (op.args[0] as bigint) : latestRequest(world, owner);
  const amount = 123_456_789n;
  const views: [string, readonly unknown[], () => unknown][] = [
    ['getVault', [], () => s.vault],
    ['totalSupply', [], () => supply],
    ['balanceOf', [owner], () => Vault.balanceOf(s, owner)],
    ['cooldown', [], () => VaultMath.cooldown(s.vault)],
    ['totalAssets', [], () => value() / 10n ** 12n],
    ['convertToShares', [amount], () => VaultMath.convertToShares(amount, supply, value())],
    ['convertToAssets', [amount * 10n ** 12n], () => VaultMath.convertToAssets(amount * 10n ** 12n, supply, value())],
    ['pendingDepositRequest', [request, owner], () => Vault.pendingDepositRequest(s, time, request, owner)],
    ['claimableDepositRequest', [request, owner], () => Vault.claimableDepositRequest(s, time, request, owner)],
    ['claimableDepositShares', [request, owner], () => Vault.claimableDepositShares(s, time, request, owner)],
    ['pendingRedeemRequest', [request, owner], () => Vault.pendingRedeemRequest(s, request, owner)],
    ['claimableRedeemRequest', [request, owner], () => Vault.claimableRedeemRequest(s, request, owner)],
    ['claimableRedeemAssets', [request, owner], () => Vault.claimableRedeemAssets(s, request, owner)],
  ];
  for (const [name, args, ask] of views) {
    const real = await chain.call(at.vault, vaultAbi, name, args, op.sender, time);
    const theirs = 'refusal' in real ? flat([real.refusal.name, real.refusal.args]) : flat(real.result);
    const mine = answerOf(ask);
    if (theirs !== mine) throw new DifferenceError(`${name}(${args.join()}): contract ${theirs}, model ${mine}.`);
  }
}

function answerOf(ask: () => unknown): string {
  try {
    return flat(ask());
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    return flat([error.errorName, error.args.map(normalise)]);
  }
}

/** The newest redemption of an owner, or the present epoch. */
function latestRequest({ vault, time }: World, owner: Address): bigint {
  const epochs = [...vault.redemptions.keys()].map((key) => key.split('/') as [string, string]);
  const own = epochs.filter(([, holder]) => holder === owner.toLowerCase()).map(([epoch]) => BigInt(epoch));
  return own.at(-1) ?? VaultMath.epochOf(time);
}
