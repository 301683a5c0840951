/** The chart library's mark, drawn here because the library's own needs inline styles. */
export function Attribution() {
  return (
    <a className="attribution" href="https://www.tradingview.com/" target="_blank" rel="noreferrer noopener">
      <span className="hidden-text">Charting by TradingView</span>
      <svg width="35" height="19" viewBox="0 0 35 19" aria-hidden="true">
        <path d="M14 2H2v6h6v9h6V2Zm12 15h-7l6-15h7l-6 15Zm-7-9a3 3 0 1 0 0-6 3 3 0 0 0 0 6Z" fill="currentColor" />
      </svg>
    </a>
  );
}
