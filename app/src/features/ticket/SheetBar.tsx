import { changeForm, useTicketForm } from './form.ts';
import type { Side } from './model.ts';

/** On a small screen: two buttons at the bottom that bring the ticket up, and one that puts it away. */
export function SheetBar() {
  const sheet = useTicketForm((state) => state.sheet);
  const open = (side: Side) => {
    changeForm({ type: 'side', side });
    useTicketForm.setState({ sheet: true });
  };
  return (
    <div className="sheet-bar">
      {sheet ? (
        <button
          type="button"
          className="button"
          data-testid="sheet-close"
          onClick={() => useTicketForm.setState({ sheet: false })}
        >
          Back to the chart
        </button>
      ) : (
        <>
          <button type="button" className="submit long" data-testid="sheet-long" onClick={() => open('long')}>
            <span aria-hidden="true">▲</span> Long
          </button>
          <button type="button" className="submit short" data-testid="sheet-short" onClick={() => open('short')}>
            <span aria-hidden="true">▼</span> Short
          </button>
        </>
      )}
    </div>
  );
}
