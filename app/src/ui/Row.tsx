import type { ReactNode } from 'react';

/** A label and its value; with `before`, how it changes. */
export function Row(props: {
  label: ReactNode;
  before?: ReactNode;
  children: ReactNode;
  testId?: string;
  tone?: string;
}) {
  const { label, before, children, testId, tone = '' } = props;
  return (
    <div className="row">
      <dt>{label}</dt>
      <dd data-testid={testId}>
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
