import type { Action } from '../actions.ts';
import type { Snapshot } from '../snapshot.ts';
import { planCollecting, planCrystallising, planDeleveraging, planLeaving } from './deleverager.ts';
import { planAppraisal, planSeals } from './funding.ts';
import { planEnds, planParameters, planProposals } from './governance.ts';
import { planLiquidations } from './liquidator.ts';
import { isSettled } from './present.ts';
import { planPushes } from './prices.ts';
import { DEFAULT_SETTINGS, type PlanSettings } from './settings.ts';
import { planExpiry, planSettlements } from './settler.ts';
import { planTriggers } from './trigger.ts';
import { planDivision, planEpoch } from './vault.ts';

export { waiting } from './governance.ts';
export { DEFAULT_SETTINGS, type PlanSettings } from './settings.ts';
export { INCLUSION_WINDOW, PRICE_DELAY, PRICE_WINDOW } from './settler.ts';

/** What to do in the roles that are switched on, the most urgent first. Pure: the same snapshot gives the same plan. */
export function plan(snapshot: Snapshot, settings: PlanSettings = DEFAULT_SETTINGS): Action[] {
  const { now, pauseLevel, markets } = snapshot;
  const { roles } = settings;
  const live = markets.filter((market) => !isSettled(market));
  // At level 2 nothing is permitted but what passes over a queue, pays claims and governs.
  const open = pauseLevel < 2;
  const actions: Action[] = [];
  if (roles.has('settler')) {
    actions.push(...markets.flatMap((market) => planExpiry(market, now)));
    if (open) actions.push(...live.flatMap((market) => planSettlements(market, now, settings)));
  }
  if (roles.has('liquidator') && open) actions.push(...planLiquidations(snapshot));
  if (roles.has('trigger') && open) {
    const fired = planTriggers(snapshot, settings);
    // Where pushing is a role too, what orders wait for is pushed with all else.
    actions.push(...fired.filter(({ kind }) => kind !== 'updateIndices' || !roles.has('prices')));
  }
  const pushes = roles.has('prices') && open ? planPushes(snapshot, settings) : [];
  actions.push(...pushes);
  if (roles.has('funding') && open) {
    const pushed = new Set(pushes.flatMap((action) => (action.kind === 'updateIndices' ? action.markets : [])));
    actions.push(...planSeals(snapshot, pushed), ...planAppraisal(snapshot));
  }
  if (roles.has('deleverager')) {
    if (open) actions.push(...planDeleveraging(snapshot), ...planCrystallising(snapshot), ...planLeaving(snapshot));
    actions.push(...planCollecting(snapshot));
  }
  if (roles.has('vault')) {
    if (pauseLevel === 0) actions.push(...planEpoch(snapshot));
    actions.push(...planDivision(snapshot));
  }
  if (roles.has('governance')) {
    actions.push(...planProposals(snapshot), ...planParameters(snapshot));
    if (open) actions.push(...planEnds(snapshot));
  }
  return actions;
}
