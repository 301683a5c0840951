/**
 * A calculation that several parts of the page ask for at the same moment: done once for the same arguments.
 * @param calculate Pure.
 */
export function shared<args extends readonly unknown[], result>(
  calculate: (...args: args) => result,
): (...args: args) => result {
  let last: { args: args; result: result } | undefined;
  return (...args) => {
    if (!last?.args.every((arg, place) => Object.is(arg, args[place]))) last = { args, result: calculate(...args) };
    return last.result;
  };
}
