import { type KeyboardEvent, type ReactNode, useRef } from 'react';

export interface Tab<id extends string> {
  id: id;
  label: ReactNode;
}

/** A tab list by the ARIA pattern: arrows move, one stop for Tab. The panel's id is `panel-${name}`. */
export function Tabs<id extends string>(props: {
  name: string;
  label: string;
  tabs: readonly Tab<id>[];
  active: id;
  onChange: (id: id) => void;
}) {
  const { name, label, tabs, active, onChange } = props;
  const list = useRef<HTMLDivElement>(null);
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (step === 0) return;
    const at = tabs.findIndex((tab) => tab.id === active);
    const next = tabs[(at + step + tabs.length) % tabs.length];
    if (!next) return;
    onChange(next.id);
    list.current?.querySelector<HTMLElement>(`[data-tab="${next.id}"]`)?.focus();
  };
  return (
    <div ref={list} className="tabs" role="tablist" aria-label={label} onKeyDown={onKeyDown}>
      {tabs.map((tab) => (
        <button
          key={tab.id}
          type="button"
          role="tab"
          id={`tab-${name}-${tab.id}`}
          data-tab={tab.id}
          data-testid={`tab-${tab.id}`}
          className="tab"
          aria-selected={tab.id === active}
          aria-controls={`panel-${name}`}
          tabIndex={tab.id === active ? 0 : -1}
          onClick={() => onChange(tab.id)}
        >
          {tab.label}
        </button>
      ))}
    </div>
  );
}
