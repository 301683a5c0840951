import { describe, expect, it } from 'vitest';
import { refuseNode, supportsNode } from './setup.mjs';

describe('supportsNode', () => {
  it.each([
    ['20.19.0', true],
    ['20.18.9', false],
    ['21.7.0', false],
    ['22.12.0', true],
    ['22.11.0', false],
    ['23.9.0', false],
    ['24.0.0', true],
  ])('%s → %s', (version, supported) => {
    expect(supportsNode(version)).toBe(supported);
  });
});

describe('refuseNode', () => {
  it('says in one line which versions will do', () => {
    expect(refuseNode('18.20.4')).toBe('Tidemark needs Node 20.19+, 22.12+ or 24+; this is 18.20.4.');
    expect(refuseNode('24.1.0')).toBeUndefined();
  });
});
