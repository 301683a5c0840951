import type { Address, Hex } from 'viem';
import { copyState, DEFAULT_ADMIN_ROLE, type EngineState, roleKey, UPGRADER_ROLE } from './engineState.ts';
import { type Call, onlyRole } from './ledger.ts';
import { ModelError } from './modelError.ts';

// Roles, initialisation and upgrades as OpenZeppelin's contracts do them for the engine.

type Changed = { state: EngineState };

export function grantRole(state: EngineState, call: Call, role: Hex, holder: Address): Changed {
  const s = copyState(state);
  onlyRole(s, call, DEFAULT_ADMIN_ROLE);
  s.roles.add(roleKey(role, holder));
  return { state: s };
}

export function revokeRole(state: EngineState, call: Call, role: Hex, holder: Address): Changed {
  const s = copyState(state);
  onlyRole(s, call, DEFAULT_ADMIN_ROLE);
  s.roles.delete(roleKey(role, holder));
  return { state: s };
}

/** Gives a role up. @param confirmation The sender's own address. */
export function renounceRole(state: EngineState, call: Call, role: Hex, confirmation: Address): Changed {
  const s = copyState(state);
  if (confirmation.toLowerCase() !== call.sender.toLowerCase()) throw new ModelError('AccessControlBadConfirmation');
  s.roles.delete(roleKey(role, confirmation));
  return { state: s };
}

/** Only a proxy without a state accepts it, and the model begins after it: `initialState`. */
export function initialize(_state: EngineState, _call: Call, _admin: Address): Changed {
  throw new ModelError('InvalidInitialization');
}

/** Leaves the state as it is: the code is no part of it, and what the new code does with `data` is its own. */
export function upgradeToAndCall(state: EngineState, call: Call, _implementation: Address, _data: Hex): Changed {
  onlyRole(state, call, UPGRADER_ROLE);
  return { state: copyState(state) };
}
