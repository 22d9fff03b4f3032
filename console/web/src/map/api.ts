// The questions of the map: X-Ray's own actions.
import { post } from '../api.ts';
import type { Window } from '../lib/timerange.ts';
import { readGraph, type Graph } from './model.ts';
import { readSeries, type Grid, type Moment } from './series.ts';
import type { GraphJSON, SeriesJSON } from './wire.ts';

const mostPages = 1000;

/** The graph of the traces that start in the window, of all or of those of a group. */
export async function serviceGraph(w: Window, group: string, abort: AbortSignal): Promise<Graph> {
  const question = { StartTime: w.from, EndTime: w.to, ...(group === '' ? {} : { GroupName: group }) };
  const all: GraphJSON = { Services: [] };
  for (let page = 0, token: string | undefined; page < mostPages; page++) {
    const json: GraphJSON = await post<GraphJSON>('ServiceGraph', token ? { ...question, NextToken: token } : question, abort);
    all.Services!.push(...(json.Services ?? []));
    all.ContainsOldGroupVersions = all.ContainsOldGroupVersions || json.ContainsOldGroupVersions || false;
    token = json.NextToken ?? undefined;
    if (!token) break;
  }
  return readGraph(all);
}

/** What a node or edge, named by an entity selector, did over time. */
export async function timeSeries(selector: string, g: Grid, group: string, abort: AbortSignal): Promise<Moment[]> {
  const question = {
    StartTime: g.from,
    // Points are stamped with their end, which has to lie before this.
    EndTime: g.from + g.bars * g.length + g.period,
    Period: g.period,
    EntitySelectorExpression: selector,
    ...(group === '' ? {} : { GroupName: group }),
  };
  const all: SeriesJSON = { TimeSeriesServiceStatistics: [] };
  for (let page = 0, token: string | undefined; page < mostPages; page++) {
    const json: SeriesJSON = await post<SeriesJSON>('TimeSeriesServiceStatistics', token ? { ...question, NextToken: token } : question, abort);
    all.TimeSeriesServiceStatistics!.push(...(json.TimeSeriesServiceStatistics ?? []));
    token = json.NextToken ?? undefined;
    if (!token) break;
  }
  return readSeries(all, g);
}
