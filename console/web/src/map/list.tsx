// The map as two tables: the same figures for those who would rather read, or hear, than look.
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { count, percent } from '../lib/format.ts';
import { Table, type Column } from '../ui/table.tsx';
import { Mark } from '../ui/mark.tsx';
import { KindIcon } from './icons.tsx';
import { typeName } from './kind.ts';
import { selectEdge, selectNode } from './mapstate.ts';
import type { Graph, MapEdge, MapNode } from './model.ts';
import { about, sourceNames, type Rates } from './rates.ts';
import { outcomes, quantile, type Entry, type Stats } from './stats.ts';
import { quantileText, rateOf, title } from './words.ts';

interface Figured {
  stats: Stats;
  rates: Rates;
  times: Entry[];
  perMinute: number | undefined;
}

interface ListColumn<Row> extends Column<Row> {
  sort: (row: Row) => string | number;
}

export function Lists(props: { graph: Graph; found: ReadonlySet<string> | undefined; node: string | undefined; edge: string | undefined }) {
  const { graph, found } = props;
  const nodes = graph.nodes.filter((n) => !found || found.has(n.key));
  const edges = graph.edges.filter((e) => !found || found.has(e.source) || found.has(e.target));
  return (
    <div class="map-lists" data-testid="map-lists">
      <Sorted label="Nodes" rows={nodes} columns={nodeColumns} selected={props.node} open={(n) => selectNode(n.key)} />
      <Sorted label="Edges" rows={edges} columns={edgeColumns(graph)} selected={props.edge} open={(e) => selectEdge(e.source, e.target)} />
    </div>
  );
}

interface SortedProps<Row> {
  label: string;
  rows: Row[];
  columns: ListColumn<Row>[];
  selected: string | undefined;
  open: (row: Row) => void;
}

function Sorted<Row extends { key: string }>(props: SortedProps<Row>) {
  const { columns } = props;
  const [sort, setSort] = useState({ by: 'rate', down: true });
  const [cursor, setCursor] = useState<string>();
  const by = columns.find((c) => c.key === sort.by) ?? columns[0]!;
  const rows = [...props.rows].sort((a, b) => compare(by.sort(a), by.sort(b)) * (sort.down ? -1 : 1) || compare(a.key, b.key));
  const at = rows.findIndex((row) => row.key === (cursor ?? props.selected));
  const move = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 }[event.key];
    if (event.ctrlKey || event.metaKey || event.altKey || (event.target as Element).closest('button')) return;
    if (step === undefined && event.key !== 'Enter') return;
    event.preventDefault();
    if (step === undefined) return rows[at] && props.open(rows[at]);
    setCursor(rows[Math.min(rows.length - 1, Math.max(0, at + step))]?.key);
  };
  return (
    <section class="map-list" onKeyDown={move}>
      <h2>
        {props.label} <span class="faint">{count(rows.length)}</span>
      </h2>
      <Table
        label={props.label}
        columns={columns}
        rows={rows}
        selected={at}
        onSelect={(i) => setCursor(rows[i]?.key)}
        onOpen={props.open}
        sort={sort}
        onSort={(key) => setSort({ by: key, down: key === sort.by ? !sort.down : columns.find((c) => c.key === key)?.number === true })}
      />
    </section>
  );
}

const compare = (a: string | number, b: string | number) => (a < b ? -1 : a > b ? 1 : 0);

const nodeColumns: ListColumn<MapNode>[] = [
  { key: 'name', title: 'Name', width: 'minmax(180px, 2fr)', sortable: true, sort: title, cell: (n) => <Named node={n} /> },
  {
    key: 'type',
    title: 'Type',
    width: 'minmax(110px, 1fr)',
    sortable: true,
    sort: (n) => typeName(n.type),
    cell: (n) => <span class="muted">{typeName(n.type)}</span>,
  },
  ...figures<MapNode>(),
];

function edgeColumns(g: Graph): ListColumn<MapEdge>[] {
  const end = (which: 'source' | 'target', name: string): ListColumn<MapEdge> => ({
    key: which,
    title: name,
    width: 'minmax(150px, 1.5fr)',
    sortable: true,
    sort: (e) => title(g.node.get(e[which])!),
    cell: (e) => <Named node={g.node.get(e[which])!} />,
  });
  return [end('source', 'Caller'), end('target', 'Called'), ...figures<MapEdge>()];
}

function Named(props: { node: MapNode }) {
  return (
    <span class="map-named" title={props.node.name}>
      <KindIcon kind={props.node.kind} />
      <span class="ellipsis">{title(props.node)}</span>
    </span>
  );
}

function figures<Row extends Figured>(): ListColumn<Row>[] {
  const number = (key: string, name: string, width: string, sort: (row: Row) => number, cell: (row: Row) => ComponentChildren): ListColumn<Row> => ({
    key,
    title: name,
    width,
    number: true,
    sortable: true,
    sort,
    cell,
  });
  return [
    number(
      'rate',
      'Rate',
      '96px',
      (r) => r.perMinute ?? -1,
      rateOf,
    ),
    number(
      'count',
      'Requests',
      '104px',
      (r) => r.stats.total,
      (r) => about(r.rates.source) + count(r.stats.total),
    ),
    {
      key: 'source',
      title: 'Figures',
      width: '96px',
      sortable: true,
      sort: (r) => r.rates.source,
      cell: (r) => <span class="muted">{r.stats.total > 0 ? sourceNames[r.rates.source] : ''}</span>,
    },
    ...outcomes
      .filter((o) => o !== 'ok')
      .map((o) =>
        number(
          o,
          { error: 'Errors', throttle: 'Throttled', fault: 'Faults', ok: '' }[o],
          '96px',
          (r) => (r.stats.total > 0 ? r.stats[o] / r.stats.total : -1),
          (r) =>
            r.stats[o] === 0 ? (
              ''
            ) : (
              <span class="map-share-cell" title={`${count(r.stats[o])} requests`}>
                <Mark of={o} /> {percent(r.stats[o] / r.stats.total)}
              </span>
            ),
        ),
      ),
    ...[0.5, 0.99].map((q) =>
      number(
        `p${q}`,
        `p${q * 100}`,
        '96px',
        (r) => quantile(r.times, q) ?? -1,
        (r) => quantileText(r.times, q),
      ),
    ),
  ];
}
