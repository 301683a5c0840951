/** Long or short: arrow, word and colour, never colour alone. */
export function Direction({ size, children }: { size: bigint; children?: string }) {
  const long = size > 0n;
  return (
    <span className={`badge ${long ? 'up' : 'down'}`}>
      <span aria-hidden="true">{long ? '▲' : '▼'}</span> {long ? 'Long' : 'Short'}
      {children && ` ${children}`}
    </span>
  );
}

export const toneOf = (value: bigint) => (value > 0n ? 'up' : value < 0n ? 'down' : '');
