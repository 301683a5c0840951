import { describe, expect, it } from 'vitest';
import { constantsOf } from '../bounds.mjs';
import { compile, errorsOf } from '../compiled.mjs';
import type { Verdict } from './judge.ts';
import { drawn, type Mutant, mutantsOf, nameOf, OPERATORS, type Operator, WHOLE } from './mutants.ts';
import { between, pageOf, resultOf, shareOf } from './report.ts';
import { plain, SCHEMA, schemaOf, schemaSource } from './schema.ts';

const FILE = 'contracts/src/libraries/Example.sol';
/** What the examples call, without what it does. */
const CALLED = {
  'contracts/src/libraries/FixedPoint.sol': `// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;
library FixedPoint {
    function mulDivUp(uint256 a, uint256 b, uint256 d) internal pure returns (uint256) {}
    function mulDivDown(uint256 a, uint256 b, uint256 d) internal pure returns (uint256) {}
    function mulDivCeil(int256 a, int256 b, uint256 d) internal pure returns (int256) {}
    function divUp(uint256 a, uint256 d) internal pure returns (uint256) {}
    function divFloor(int256 a, uint256 d) internal pure returns (int256) {}
    function min(uint256 a, uint256 b) internal pure returns (uint256) {}
    function max(uint256 a, uint256 b) internal pure returns (uint256) {}
}
`,
};

const sourceOf = (body: string) => `// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;
import {FixedPoint} from "./FixedPoint.sol";

// Offsets count bytes: |a| ≤ 2^96 − 1.
contract Example {
    using FixedPoint for uint256;
    using FixedPoint for int256;
    uint256 internal constant MOST = 7;
    uint256 internal stored;
    event Told(uint256 a);
    error Refused(uint256 a, uint256 b);
    function f(uint256 a, uint256 b, int256 c, bool on) public returns (uint256 z, int256 y) {
        ${body}
    }
    function two(uint256 a, uint256 b) internal pure returns (uint256) {
        unchecked { return a << 96 | b; }
    }
}
`;

/** The mutants of a body, and the file around it. */
function mutants(body: string): { source: string; found: Mutant[] } {
  const text = sourceOf(body);
  const { sources } = compile([], { ...CALLED, [FILE]: text });
  const { ast } = sources[FILE] ?? {};
  if (!ast) throw new Error('not compiled');
  const constants = constantsOf(Object.values(sources).map((one) => one.ast));
  const source = Buffer.from(text).toString('latin1');
  return { source, found: mutantsOf(FILE, source, ast, constants).filter((one) => one.function === 'Example.f') };
}

/** As 'original → mutated', of one operator. */
const changes = (body: string, operator: Operator) =>
  mutants(body)
    .found.filter((one) => one.operator === operator)
    .map(({ original, mutated }) => `${original} → ${mutated}`);

/** What the compiler says of a text of the file. */
const errors = (text: string) =>
  errorsOf({ ...CALLED, [FILE]: Buffer.from(text, 'latin1').toString(), [SCHEMA]: schemaSource }).map(
    ({ message }) => message,
  );

const BODY = `require(a < MOST && b != 0, Refused(a, b));
        for (uint256 i; i < 3; ++i) { if (on) ++z; else z += two(a, b); }
        unchecked { (z, y) = (a.mulDivUp(b, 3).max(a - b), -c); }
        assembly ("memory-safe") { z := add(div(a, b), gt(mod(a, b), 0)) }
        y = on ? c.divFloor(10) : c / 10;
        if (!on) stored = a * 2 + b % 5;
        emit Told(a >> 3 & b);`;

describe('mutantsOf', () => {
  it('turns every rounding', () => {
    expect(changes('z = a.mulDivUp(b, 3) + a.mulDivDown(b, 3) + a.divUp(b);', 'rounding')).toEqual([
      'a.mulDivUp(b, 3) → a.mulDivDown(b, 3)',
      'a.mulDivDown(b, 3) → a.mulDivUp(b, 3)',
      'a.divUp(b) → Schema.divDown(a, b)',
    ]);
    expect(changes('z = a / b; y = c / 2 + c.divFloor(a);', 'rounding')).toEqual([
      'a / b → Schema.divUp(a, b)',
      'c / 2 → Schema.divFloor(c, 2)',
      'c / 2 → Schema.divCeil(c, 2)',
      'c.divFloor(a) → Schema.divTrunc(c, a)',
    ]);
    expect(changes('assembly { z := add(div(a, on), sgt(smod(a, b), 0)) }', 'rounding')).toEqual([
      'div(a, on) → add(div(a, on), gt(mod(a, on), 0))',
      'sgt(smod(a, b), 0) → 0',
    ]);
  });

  it('moves and turns every comparison', () => {
    expect(changes('on = a < b || c >= y;', 'boundary')).toEqual(['a < b → a <= b', 'c >= y → c > y']);
    expect(changes('on = a == b || c != y;', 'equality')).toEqual(['a == b → a != b', 'c != y → c == y']);
    expect(changes('assembly { z := lt(a, b) }', 'boundary')).toEqual(['lt(a, b) → iszero(gt(a, b))']);
  });

  it('keeps what binds together', () => {
    expect(changes('on = a > 0 || b > 0 || on;', 'logic')).toEqual([
      'a > 0 || b > 0 || on → (a > 0 || b > 0) && on',
      'a > 0 || b > 0 → (a > 0) && (b > 0)',
    ]);
  });

  it('leaves out statements, requirements and events, each by its own operator', () => {
    const body = 'require(on, Refused(a, b)); stored = a; emit Told(a);';
    expect(changes(body, 'require')).toEqual(['require(on, Refused(a, b)) → nothing']);
    expect(changes(body, 'statement')).toEqual(['stored = a → nothing']);
    expect(changes(body, 'emit')).toEqual(['emit Told(a) → nothing']);
  });

  it('changes numbers and constants where they are used', () => {
    expect(changes('z = a + 60 * b; on = b > MOST;', 'constant')).toEqual([
      '60 → uint256(61)',
      '60 → uint256(59)',
      'MOST → (MOST + 1)',
      'MOST → (MOST - 1)',
    ]);
  });

  it('exchanges arguments of one type, unless their order means nothing', () => {
    expect(changes('z = two(a, 3) + a.min(b) + two(b, b);', 'arguments')).toEqual(['two(a, 3) → two(3, a)']);
  });

  it('numbers those that read alike', () => {
    const { found } = mutants('z = a / b; z += a / b;');
    const roundings = found.filter(({ operator }) => operator === 'rounding');
    expect(roundings.map(({ nth }) => nth)).toEqual([1, 2]);
    expect(new Set(found.map(nameOf)).size).toBe(found.length);
  });

  it('names a mutant by what it changes, not by where', () => {
    const body = 'z = a / b;';
    expect(mutants(`stored = 1;\n\n${body}`).found.map(nameOf)).toEqual(
      expect.arrayContaining(mutants(body).found.map(nameOf)),
    );
  });
});

describe('schemaOf', () => {
  it('puts every mutant behind its number, and compiles', () => {
    const { source, found } = mutants(BODY);
    const text = schemaOf(
      FILE,
      source,
      found.map((one, i) => ({ ...one, id: i + 1 })),
    );
    for (const [i] of found.entries()) expect(text.split(`Schema.on(${i + 1})`)).toHaveLength(2);
    expect(errors(text)).toEqual([]);
  });

  it('has no else that belongs to another if', () => {
    const { source, found } = mutants('if (on) stored = a; else stored = b;');
    const first = found.find(({ operator, original }) => operator === 'statement' && original === 'stored = a');
    if (!first) throw new Error('no statement');
    const text = schemaOf(FILE, source, [{ ...first, id: 9 }]);
    expect(text).toContain('if (on) { if (Schema.on(9)) {  } else { stored = a; } } else stored = b;');
    expect(errors(text)).toEqual([]);
  });
});

describe('plain', () => {
  it('writes one mutant, and compiles', () => {
    const { source, found } = mutants(BODY);
    const boundary = found.find(({ operator }) => operator === 'boundary');
    if (!boundary) throw new Error('no comparison');
    const text = plain(source, boundary);
    expect(text).toContain('require(a <= MOST && b != 0');
    expect(text).toContain('import {Schema} from "../Schema.sol";');
    expect(errors(text)).toEqual([]);
  });
});

describe('drawn', () => {
  const cell = (fn: string, operator: Operator, count: number) =>
    Array.from({ length: count }, (_, i) => ({
      file: 'A.sol',
      function: fn,
      operator,
      original: `${i}`,
      mutated: '',
      nth: 1,
    }));
  const all = [...cell('A.big', 'constant', 50), ...cell('A.small', 'constant', 2), ...cell('A.big', 'rounding', 9)];

  it('takes everything once', () => {
    expect(new Set(drawn(all, 1)).size).toBe(all.length);
  });

  it('begins with the classes that are judged whole', () => {
    expect(
      drawn(all, 1)
        .slice(0, 9)
        .every(({ operator }) => WHOLE.includes(operator)),
    ).toBe(true);
    expect(OPERATORS).toEqual(expect.arrayContaining([...WHOLE]));
  });

  it('then takes of each operator and function alike', () => {
    const next = drawn(all, 1).slice(9, 13);
    expect(next.filter((one) => one.function === 'A.small')).toHaveLength(2);
  });

  it('is the same for the same seed and another for another', () => {
    expect(drawn(all, 3)).toEqual(drawn(all, 3));
    expect(drawn(all, 3)).not.toEqual(drawn(all, 4));
  });
});

describe('resultOf', () => {
  const key = (original: string) =>
    ({
      file: 'contracts/src/A.sol',
      function: 'A.f',
      operator: 'boundary',
      original,
      mutated: 'b',
      nth: 1,
      line: 7,
    }) as const;
  const verdict = (outcome: Verdict['outcome']): Verdict => ({ outcome, seconds: 1 });
  const verdicts = Object.fromEntries(
    (['killed', 'timed out', 'survived', 'refused'] as const).map((outcome) => [
      nameOf(key(outcome)),
      verdict(outcome),
    ]),
  );
  const mutants = ['killed', 'timed out', 'survived', 'refused', 'not judged'].map(key);
  const of = { seed: 1, minutes: 2 };

  it('counts what did not compile as neither judged nor killed', () => {
    const { all } = resultOf(mutants, verdicts, [], of);
    expect(all).toEqual({ judged: 3, killed: 2, timedOut: 1, equivalent: 0, survived: 1, refused: 1 });
  });

  it('shows every survivor with its place, and what was there', () => {
    const page = pageOf(resultOf(mutants, verdicts, [], of));
    expect(page).toContain('| [A.sol:7](../contracts/src/A.sol#L7) | `A.f` | boundary | `survived` | `b` |');
    expect(page.split('contracts/src/A.sol#L7')).toHaveLength(2);
  });

  it('leaves the equivalent ones out of the part that is killed', () => {
    const because = 'both are zero';
    expect(shareOf(resultOf(mutants, verdicts, [], of).all)).toBeCloseTo(2 / 3);
    expect(shareOf(resultOf(mutants, verdicts, [{ ...key('survived'), because }], of).all)).toBe(1);
  });

  it('takes a survivor as equivalent only where it is argued', () => {
    const because = 'both are zero';
    const { all, survivors, mistaken } = resultOf(mutants, verdicts, [{ ...key('survived'), because }], of);
    expect([all.equivalent, all.survived, survivors, mistaken]).toEqual([1, 0, [], []]);
  });

  it('names what was argued and is killed or gone', () => {
    const because = 'nobody reads it';
    const argued = [key('killed'), key('gone')].map((one) => ({ ...one, because }));
    expect(resultOf(mutants, verdicts, argued, of).mistaken.map(({ original }) => original)).toEqual([
      'killed',
      'gone',
    ]);
  });
});

describe('between', () => {
  it('replaces what stands between the markers', () => {
    const page = 'a\n<!-- x:start -->\nold\n<!-- x:end -->\nb';
    expect(between(page, 'x', 'new')).toBe('a\n<!-- x:start -->\nnew\n<!-- x:end -->\nb');
    expect(() => between(page, 'y', 'new')).toThrow('No <!-- y:start -->');
  });
});
