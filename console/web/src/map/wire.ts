// The shapes in which X-Ray's actions answer (service model 2016-04-12), as far as the map reads them. Times are epoch
// seconds, durations seconds. A member that has no value is left out, or null.

export interface GraphJSON {
  StartTime?: number;
  EndTime?: number;
  Services?: ServiceJSON[];
  ContainsOldGroupVersions?: boolean;
  NextToken?: string | null;
}

export interface ServiceJSON {
  ReferenceId: number; // of this answer only
  Name: string;
  Names?: string[] | null;
  Type?: string | null;
  AccountId?: string | null;
  Root?: boolean | null;
  State?: string | null; // active, passive, unknown: not health
  StartTime?: number;
  EndTime?: number;
  Edges?: EdgeJSON[] | null;
  SummaryStatistics?: StatisticsJSON | null;
  DurationHistogram?: EntryJSON[] | null;
  ResponseTimeHistogram?: EntryJSON[] | null;
  RoentgenRates?: RatesJSON | null;
}

/** Our addition, where figures are not simply those of the stored traces. Numbers of requests. */
export interface RatesJSON {
  Source: string; // counted, estimated or kept: what most of the figures are
  Counted?: number;
  Kept?: number;
  KeptTraces?: number;
  Divided?: boolean;
}

export interface EdgeJSON {
  ReferenceId: number; // of the destination
  StartTime?: number;
  EndTime?: number;
  EdgeType?: string | null; // "link": events from a queue
  SummaryStatistics?: StatisticsJSON | null;
  ResponseTimeHistogram?: EntryJSON[] | null;
  ReceivedEventAgeHistogram?: EntryJSON[] | null; // of links, in place of response times
  Aliases?: { Name: string; Names?: string[] | null; Type?: string | null }[] | null;
  RoentgenRates?: RatesJSON | null;
}

export interface StatisticsJSON {
  OkCount?: number;
  ErrorStatistics?: { ThrottleCount?: number; OtherCount?: number; TotalCount?: number } | null;
  FaultStatistics?: { OtherCount?: number; TotalCount?: number } | null;
  TotalCount?: number;
  TotalResponseTime?: number;
}

export interface EntryJSON {
  Value: number;
  Count: number;
}

export interface SeriesJSON {
  TimeSeriesServiceStatistics?: PointJSON[] | null;
  ContainsOldGroupVersions?: boolean;
  NextToken?: string | null;
}

export interface PointJSON {
  Timestamp: number; // end of the bucket
  EdgeSummaryStatistics?: StatisticsJSON | null;
  ServiceSummaryStatistics?: StatisticsJSON | null;
  ResponseTimeHistogram?: EntryJSON[] | null;
  RoentgenRates?: RatesJSON | null;
}
