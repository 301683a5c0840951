import { ethereum } from '@graphprotocol/graph-ts';
import { RoleGranted, RoleRevoked } from '../generated/Timelock/Timelock';
import { TreasuryPaid } from '../generated/Treasury/Treasury';
import { noteChange, notePayment, noteRole } from './changes';

// What timelock, policy, guardian, steward and treasury tell.

export function handleMinDelayChange(event: ethereum.Event): void {
  noteChange(event, 'timelock', 'MinDelayChange', null);
}

export function handleRoleGranted(event: RoleGranted): void {
  noteRole(event, 'timelock', event.params.role, event.params.account, event.params.sender, true);
}

export function handleRoleRevoked(event: RoleRevoked): void {
  noteRole(event, 'timelock', event.params.role, event.params.account, event.params.sender, false);
}

export function handleActionRegistered(event: ethereum.Event): void {
  noteChange(event, 'policy', 'ActionRegistered', null);
}

export function handleActionRemoved(event: ethereum.Event): void {
  noteChange(event, 'policy', 'ActionRemoved', null);
}

export function handleTermsSet(event: ethereum.Event): void {
  noteChange(event, 'policy', 'TermsSet', null);
}

export function handleGuardianAppointed(event: ethereum.Event): void {
  noteChange(event, 'guardian', 'Appointed', null);
}

export function handlePauseBegun(event: ethereum.Event): void {
  noteChange(event, 'guardian', 'PauseBegun', null);
}

export function handlePauseEnded(event: ethereum.Event): void {
  noteChange(event, 'guardian', 'PauseEnded', null);
}

export function handleStewardAppointed(event: ethereum.Event): void {
  noteChange(event, 'steward', 'Appointed', null);
}

export function handleTreasuryPaid(event: TreasuryPaid): void {
  notePayment(event, event.params.token, event.params.to, event.params.amount);
}
