import { accountId } from '@tidemark/sdk';
import { describe, expect, it } from 'vitest';
import { ROLES, roleOf } from '../roles.ts';
import {
  at,
  batch,
  config,
  holder,
  kinds,
  long,
  NOW,
  OWNER,
  planned,
  position,
  snapshot,
  stored,
  UNIT,
  USD,
} from './fixtures.ts';
import { DEFAULT_SETTINGS, plan } from './index.ts';

describe('pauses', () => {
  const busy = [at(0, { pending: [batch(1n, NOW - 4n)], market: stored({ indexAt: NOW - 50n }) })];
  const vault = { settledEpoch: 0n, requests: 1n };

  it.each([
    [0, ['settle', 'updateIndices', 'settleEpoch']],
    [1, ['settle', 'updateIndices']],
    [2, []],
  ])('level %s leaves %j', (pauseLevel, expected) => {
    expect(kinds(planned(busy, { pauseLevel, vault }))).toEqual(expected);
  });

  it('never stops expiry', () => {
    expect(kinds(planned([at(0, { pending: [batch(1n, NOW - 70n)] })], { pauseLevel: 2 }))).toEqual(['expire']);
  });
});

describe('roles', () => {
  /** Something to do in each. */
  const everything = () => {
    const over = at(1, { config: { ...config, flags: 17n } });
    const ended = holder({ id: accountId(OWNER, 1n), positions: new Map([[1, position(UNIT)]]) });
    const hours = { pending: [batch(1n, NOW - 4n)], market: stored({ indexAt: NOW - 50n, accruedAt: NOW - 3600n }) };
    return snapshot([at(0, hours), over], {
      accounts: [long(USD), ended],
      orders: [
        { market: 0n, order: { account: accountId(OWNER), terms: 1n | (9n << 208n), extras: 0n }, signature: '0x01' },
      ],
      vault: { settledEpoch: 0n, requests: 1n },
      proposals: [{ id: 7n, dueAt: null, expiresAt: NOW + 10n }],
    });
  };

  it('are planned by urgency', () => {
    expect(kinds(plan(everything()))).toEqual([
      'settle',
      'liquidate',
      'commitSigned',
      'updateIndices',
      'settlePosition',
      'settleEpoch',
      'queueProposal',
    ]);
  });

  it.each(ROLES)('one alone plans its own actions and no others: %s', (role) => {
    const actions = plan(everything(), { ...DEFAULT_SETTINGS, roles: new Set([role]) });
    expect(actions.length).toBeGreaterThan(0);
    expect(actions.map(roleOf)).toEqual(actions.map(() => role));
  });

  it('seal an hour without the price of one that is switched off', () => {
    const actions = plan(everything(), { ...DEFAULT_SETTINGS, roles: new Set(['funding']) });
    expect(actions).toEqual([{ key: 'accrue 0', kind: 'accrue', market: 0 }]);
  });
});
