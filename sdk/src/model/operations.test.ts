import { expect, test } from 'vitest';
import { ADMIN, ALICE, BOB, Exchange, KEEPER, UNIT, USDC } from '../../test/model/exchange.ts';
import { derivativesEngineAbi } from '../abi/index.ts';
import { accountOf, Engine, encodeStorage, GUARDIAN_ROLE } from './index.ts';

const changing = derivativesEngineAbi.flatMap((item) =>
  item.type === 'function' && item.stateMutability !== 'view' ? [item] : [],
);

test('every function of the engine that changes something has a preview, and nothing else has', () => {
  expect(Object.keys(Engine.operations).sort()).toEqual(changing.map(({ name }) => name).sort());
});

for (const { name, inputs } of changing)
  test(`the preview of ${name} takes the function's arguments without the price update`, () => {
    const given = inputs.filter(({ type, name: input }) => !(type === 'bytes[]' && /^(update)?$/.test(input ?? '')));
    // The model's operations take state and call first.
    expect(Engine.operations[name].length - 2).toBe(given.length);
  });

test('a preview leaves the state it was given, returns the one afterwards and what the operation computed', () => {
  const exchange = new Exchange();
  const implementation = ADMIN;
  const words = encodeStorage(exchange.state, implementation);
  const call = exchange.call(ALICE);
  const order = exchange.order(ALICE, UNIT);
  const { state, result, refusal } = Engine.preview(exchange.state, call, { name: 'commit', args: [0n, [order]] });
  expect(refusal).toBeNull();
  expect(result).toEqual({ index: 0n });
  expect(encodeStorage(exchange.state, implementation)).toEqual(words);
  expect(encodeStorage(state, implementation)).not.toEqual(words);
});

test('a refusal names the error and its arguments, and leaves the state', () => {
  const exchange = new Exchange();
  const args = [accountOf(ALICE), 50_001n * USDC, ALICE] as [`0x${string}`, bigint, `0x${string}`];
  const { state, result, refusal } = Engine.preview(exchange.state, exchange.call(ALICE), { name: 'withdraw', args });
  expect(refusal).toEqual({ name: 'MarginTooLow', args: [50_000n * 10n ** 18n, 50_001n * 10n ** 18n] });
  expect(result).toBeNull();
  expect(state).toBe(exchange.state);
});

test('roles are granted and taken by the admin, given up by their holder; nobody else upgrades or initialises', () => {
  const exchange = new Exchange();
  const role = GUARDIAN_ROLE;
  const refusal = (sender: `0x${string}`, operation: Engine.OperationCall) =>
    Engine.preview(exchange.state, exchange.call(sender), operation).refusal?.name ?? null;
  expect(refusal(BOB, { name: 'setPauseLevel', args: [1n] })).toBe('AccessControlUnauthorizedAccount');
  expect(refusal(BOB, { name: 'grantRole', args: [role, BOB] })).toBe('AccessControlUnauthorizedAccount');
  exchange.do(ADMIN, { name: 'grantRole', args: [role, BOB] });
  expect(refusal(BOB, { name: 'setPauseLevel', args: [1n] })).toBeNull();
  expect(refusal(KEEPER, { name: 'renounceRole', args: [role, BOB] })).toBe('AccessControlBadConfirmation');
  exchange.do(BOB, { name: 'renounceRole', args: [role, BOB] });
  expect(refusal(BOB, { name: 'setPauseLevel', args: [1n] })).toBe('AccessControlUnauthorizedAccount');
  exchange.do(ADMIN, { name: 'grantRole', args: [role, BOB] });
  exchange.do(ADMIN, { name: 'revokeRole', args: [role, BOB] });
  expect(refusal(BOB, { name: 'setPauseLevel', args: [1n] })).toBe('AccessControlUnauthorizedAccount');
  expect(refusal(BOB, { name: 'upgradeToAndCall', args: [KEEPER, '0x'] })).toBe('AccessControlUnauthorizedAccount');
  expect(refusal(ADMIN, { name: 'upgradeToAndCall', args: [KEEPER, '0x'] })).toBeNull();
  expect(refusal(ADMIN, { name: 'initialize', args: [ADMIN] })).toBe('InvalidInitialization');
});
