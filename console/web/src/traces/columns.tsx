// The columns of the trace list.
import type { Column } from '../ui/table.tsx';
import type { TraceRow } from './api.ts';
import { Mark } from '../ui/mark.tsx';
import { Entry, ResponseTime, Services, Start, Value, type Surroundings } from './cells.tsx';
import { clauseOf, outcomeOf, shortUrl, statusText, type ColumnKey } from './model.ts';

export interface TraceColumn extends Column<TraceRow> {
  key: ColumnKey;
}

export function columns(around: Surroundings): TraceColumn[] {
  const value = (key: ColumnKey) => (row: TraceRow, text: string | undefined) => (
    <Value clause={clauseOf(row, key)} text={text} apply={around.clause} />
  );
  const [method, url, user, status] = [value('method'), value('url'), value('user'), value('status')];
  return [
    {
      key: 'time',
      title: 'Start',
      width: around.days ? '190px' : '130px',
      sortable: true,
      cell: (row) => <Start row={row} around={around} />,
    },
    {
      key: 'status',
      title: 'Status',
      width: '84px',
      sortable: true,
      cell: (row) => (
        <span class={`status ${outcomeOf(row)}`}>
          <Mark of={outcomeOf(row) === 'ok' && row.responseTime === undefined ? 'open' : outcomeOf(row)} label={outcomeOf(row)} />
          {status(row, statusText(row))}
        </span>
      ),
    },
    { key: 'method', title: 'Method', width: '84px', sortable: true, cell: (row) => method(row, row.method) },
    {
      key: 'url',
      title: around.origin ? `URL at ${around.origin.replace(/^https?:\/\//, '')}` : 'URL',
      width: 'minmax(160px, 1.7fr)',
      sortable: true,
      cell: (row) => url(row, row.url && shortUrl(row.url, around.origin)),
    },
    {
      key: 'entry',
      title: 'Entry service',
      width: 'minmax(170px, 1fr)',
      sortable: true,
      cell: (row) => <Entry row={row} around={around} />,
    },
    {
      key: 'responseTime',
      title: 'Response time',
      width: '156px',
      number: true,
      sortable: true,
      cell: (row) => <ResponseTime row={row} slowest={around.slowest} />,
    },
    { key: 'services', title: 'Services', width: '94px', sortable: true, cell: (row) => <Services names={row.services} /> },
    { key: 'user', title: 'User', width: 'minmax(100px, 0.7fr)', sortable: true, cell: (row) => user(row, row.user) },
    {
      key: 'cause',
      title: 'Cause',
      width: 'minmax(140px, 1.8fr)',
      sortable: true,
      cell: (row) => (
        <span class="muted" title={row.cause}>
          {row.cause}
        </span>
      ),
    },
  ];
}
