import type { HostCase } from './hostCase.ts';

/** How a handler ends that does not reach its end. */
export const endingCases: readonly HostCase[] = [
  [
    'tells an assertion with file and line',
    'ends',
    ['assert'],
    /ends: Mapping aborted at .*mapping\.ts, line \d+, column \d+, with message: on purpose/,
  ],
  [
    'tells an assertion without words',
    'ends',
    ['assert without words'],
    /mapping\.ts, line \d+, column \d+, with no message/,
  ],
  ['tells what was thrown', 'ends', ['throw'], /with message: thrown/],
  ['tells an index out of range', 'ends', ['array'], /Index out of range/],
  ['tells a null that was handed over', 'ends', ['null'], /null/],
  ['tells a division by zero', 'ends', ['division'], /divide by zero/],
  ['ends at a critical message', 'ends', ['critical'], /Critical error logged in mapping/],
  ['tells an overflow', 'ends', ['overflow'], /overflow converting 0x0000000001 to i32/],
  ['ends an endless recursion', 'ends', ['recursion'], /ends: Maximum call stack size exceeded/],
  ['tells a format without enough arguments', 'ends', ['format'], /Too few arguments for format string/],
  ['refuses to read IPFS within a handler', 'ends', ['ipfs'], /this runtime has no function ipfs\.cat/],
  ['refuses chance', 'ends', ['random'], /this runtime has no function seed/],
  ['refuses half of a surrogate pair', 'ends', ['surrogate'], /half of a surrogate pair/],
  ['refuses a handler that is not there', 'nowhere', [], /the mappings have no handler nowhere/],
  ['refuses an unknown log level', 'logs', ['x'], /there is no log level 9/],
];
