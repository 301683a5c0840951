import { describe, expect, it } from 'vitest';
import { constantsOf, unbounded } from './bounds.mjs';
import { compile } from './compiled.mjs';

/** What is found in a contract with one function of that body. */
function found(body: string, { contract = '', fn = '' } = {}) {
  const source = `// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @dev ${contract || 'Nothing.'}
contract C {
    uint256 internal constant SMALL = 7;

    /// @dev ${fn || 'Nothing.'}
    function f(uint256 x, int64 y) external pure returns (uint256 z) {
${body}
    }
}
`;
  const { ast } = compile([], { 'C.sol': source }).sources['C.sol'] ?? {};
  if (!ast) throw new Error('not compiled');
  return unbounded(source, ast, constantsOf([ast])).map(({ kind, where }) => `${kind} ${where}`);
}

describe('unbounded', () => {
  it('finds a narrowing conversion and an unchecked block', () => {
    expect(found('z = uint96(x);')).toEqual(['Narrowing C.f']);
    expect(found('unchecked { z = x + 1; }')).toEqual(['Unchecked C.f']);
  });

  it('finds one inside of another expression, and both of a line', () => {
    expect(found('z = uint256(uint96(x)) + uint8(x >> 8);')).toEqual(['Narrowing C.f', 'Narrowing C.f']);
  });

  it('takes no offence at what does not narrow', () => {
    expect(found('z = uint64(y) + uint8(SMALL) + uint8(255) + uint256(x) + uint160(address(uint160(1)));')).toEqual([]);
  });

  it('takes a comment that names a limit, on the line or directly above', () => {
    expect(found('z = uint96(x); // x ≤ 2^96 − 1')).toEqual([]);
    expect(found('// Fits: x is at most a margin.\nz = uint96(x);')).toEqual([]);
    expect(found('unchecked {\n// x < 2^96\nz = x + 1; }')).toEqual([]);
  });

  it('takes no comment that names none, or stands elsewhere', () => {
    expect(found('// The margin.\nz = uint96(x);')).toEqual(['Narrowing C.f']);
    expect(found('// x ≤ 2^96\nz = x;\nz = uint96(x);')).toEqual(['Narrowing C.f']);
    expect(found('// x ≤ 2^96\nif (x > 0) {\nz = uint96(x);\n}')).toEqual(['Narrowing C.f']);
  });

  it("takes the function's and the contract's docstrings, each for its kind", () => {
    expect(found('z = uint96(x);', { fn: 'Bound: x ≤ 2^96.' })).toEqual([]);
    expect(found('z = uint96(x);', { contract: 'Narrowing: x ≤ 2^96.' })).toEqual([]);
    expect(found('z = uint96(x);', { contract: 'Unchecked: x ≤ 2^96.' })).toEqual(['Narrowing C.f']);
    expect(found('unchecked { z = x + 1; }', { contract: 'Unchecked: x ≤ 2^96.' })).toEqual([]);
  });
});
