import type { ReactNode } from 'react';

/** A label and its value; with `before`, how it changes. */
export function Row(props: {
  label: ReactNode;
  before?: ReactNode;
  children: ReactNode;
  testId?: string;
  /** The exact number behind the text, for whoever compares. */
  exact?: bigint | null;
  tone?: string;
}) {
  const { label, before, children, testId, exact, tone = '' } = props;
  return (
    <div className="row">
      <dt>{label}</dt>
      <dd data-testid={testId} data-exact={exact?.toString()}>
        {before != null && (
          <span className="quiet">
            {before} <span aria-hidden="true">→</span>
            <span className="hidden-text"> becomes </span>{' '}
          </span>
        )}
        <span className={tone}>{children}</span>
      </dd>
    </div>
  );
}
