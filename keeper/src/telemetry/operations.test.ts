import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { makeMetrics } from './metrics.ts';

const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');
const doc = read('docs/operations.md');
const alerts = read('keeper/ops/alerts.yml');
const dashboard = JSON.parse(read('keeper/ops/dashboard.json')) as {
  panels: { targets?: { expr: string }[] }[];
};
const metrics = makeMetrics().registry.getMetricsAsArray() as unknown as {
  name: string;
  help: string;
  labelNames: string[];
  constructor: { name: string };
}[];
const namesIn = (text: string) =>
  [...text.matchAll(/tidemark_[a-z0-9_]+/g)].map(([name]) => name.replace(/_bucket$/, ''));

describe('docs/operations.md', () => {
  it('has every metric as it is registered', () => {
    const rows = metrics.map((metric) => {
      const { name, help, labelNames } = metric;
      const labels = labelNames.filter((label) => label !== 'le').map((label) => `\`${label}\``);
      return `| \`${name}\` | ${metric.constructor.name.toLowerCase()} | ${labels.join(', ')} | ${help} |`;
    });
    const table = doc.split('<!-- metrics:start -->\n')[1]?.split('\n<!-- metrics:end -->')[0];
    expect(table?.split('\n').slice(2)).toEqual(rows);
  });

  it('has a heading for every alert, and no other', () => {
    const named = [...alerts.matchAll(/- alert: (\w+)/g)].map(([, name]) => name as string);
    const headings = [...(doc.split('\n## Alerts\n')[1] ?? '').matchAll(/^### (\w+)$/gm)].map(([, name]) => name);
    expect(headings.sort()).toEqual([...named].sort());
    const links = [...alerts.matchAll(/runbook_url: docs\/operations\.md#(\w+)/g)].map(([, anchor]) => anchor);
    expect(links).toEqual(named.map((name) => name.toLowerCase()));
  });
});

describe('what watches', () => {
  const known = metrics.map(({ name }) => name);

  it('has every metric on the dashboard, and none that is not told', () => {
    const shown = dashboard.panels.flatMap(({ targets = [] }) => targets.flatMap(({ expr }) => namesIn(expr)));
    expect([...new Set(shown)].sort()).toEqual([...known].sort());
  });

  it('alerts by metrics that are told', () => {
    const asked = [...alerts.matchAll(/expr: (.*)/g)].flatMap(([, expr]) => namesIn(expr as string));
    expect(asked.filter((name) => !known.includes(name))).toEqual([]);
    expect(asked.length).toBeGreaterThan(15);
  });
});
