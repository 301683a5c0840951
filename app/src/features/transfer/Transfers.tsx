import { useHistory } from '../../data/history.ts';
import { formatTime, formatUsd, shortAddress } from '../../ui/format.ts';

/** USDC that came and went, newest first. */
export function Transfers() {
  const transfers = useHistory((state) => state.transfers);
  if (transfers.length === 0) return <p className="empty">No deposit or withdrawal yet.</p>;
  return (
    <table className="table" aria-label="Transfers">
      <thead>
        <tr>
          <th scope="col">Kind</th>
          <th scope="col">Amount</th>
          <th scope="col">Time (UTC)</th>
          <th scope="col" className="wide-only">
            Transaction
          </th>
        </tr>
      </thead>
      <tbody>
        {[...transfers].reverse().map(({ kind, amount, at, hash }) => (
          <tr key={`${hash}-${amount}`} data-testid="transfer">
            <th scope="row">{kind === 'deposit' ? 'Deposit' : 'Withdrawal'}</th>
            <td>
              {kind === 'deposit' ? '+' : '−'}
              {formatUsd(amount)}
            </td>
            <td className="soft">{formatTime(at)}</td>
            <td className="wide-only soft">{shortAddress(hash)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
