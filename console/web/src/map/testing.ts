// Graphs for tests, in X-Ray's JSON: the worked example of three services, and large ones.
import type { EdgeJSON, GraphJSON, ServiceJSON, StatisticsJSON } from './wire.ts';

/** Counts in the order ok, error, throttle, fault; seconds is the sum of response times. */
export function statistics(ok: number, error = 0, throttle = 0, fault = 0, seconds = 0): StatisticsJSON {
  return {
    OkCount: ok,
    ErrorStatistics: { OtherCount: error, ThrottleCount: throttle, TotalCount: error + throttle },
    FaultStatistics: { OtherCount: fault, TotalCount: fault },
    TotalCount: ok + error + throttle + fault,
    TotalResponseTime: seconds,
  };
}

/** One complaint: the backend calls a model server, a database, and a bucket that answers 503. */
export function complaint(): GraphJSON {
  const times = (Value: number) => [{ Value, Count: 1 }];
  const edge = (ReferenceId: number, s: StatisticsJSON, seconds: number): EdgeJSON => ({
    ReferenceId,
    StartTime: 600,
    EndTime: 720,
    SummaryStatistics: s,
    ResponseTimeHistogram: times(seconds),
    Aliases: [],
  });
  const node = (ReferenceId: number, Name: string, Type: string, State: string, more: Partial<ServiceJSON>): ServiceJSON => ({
    ReferenceId,
    Name,
    Names: [Name],
    Type,
    State,
    StartTime: 600,
    EndTime: 720,
    Edges: [],
    ...more,
  });
  const served = (s: StatisticsJSON, seconds: number): Partial<ServiceJSON> => ({ SummaryStatistics: s, ResponseTimeHistogram: times(seconds) });
  return {
    StartTime: 600,
    EndTime: 719,
    Services: [
      node(0, 'docs', 'AWS::S3::Bucket', 'unknown', served(statistics(0, 0, 0, 1, 0.3), 0.3)),
      node(1, 'backend', 'AWS::ECS::Container', 'active', {
        ...served(statistics(1, 0, 0, 0, 4), 4),
        Root: true,
        Edges: [edge(2, statistics(1, 0, 0, 0, 3.3), 3.3), edge(3, statistics(1, 0, 0, 0, 0.1), 0.1), edge(0, statistics(0, 0, 0, 1, 0.3), 0.3)],
      }),
      node(2, 'model-server', 'remote', 'passive', served(statistics(1, 0, 0, 0, 3.3), 3.3)),
      node(3, 'fir_db@db.internal', 'Database::SQL', 'unknown', served(statistics(1, 0, 0, 0, 0.1), 0.1)),
      node(4, 'backend', 'client', 'unknown', { Edges: [edge(1, statistics(1, 0, 0, 0, 4), 4)] }),
    ],
  };
}

/** A map of so many services in layers; every one calls a few of the next layers. The seed makes the chance. */
export function layered(services: number, layers: number, callsEach: number, seed = 1): GraphJSON {
  let state = seed;
  const chance = () => (state = (state * 48271) % 2147483647) / 2147483647;
  const each = Math.ceil(services / layers);
  const Services = Array.from({ length: services }, (_, i): ServiceJSON => {
    const next = (Math.floor(i / each) + 1) * each;
    const targets = new Set(
      Array.from({ length: next < services ? callsEach : 0 }, () => Math.min(services - 1, next + Math.floor(chance() * each * 1.2))),
    );
    const total = 1 + Math.floor(chance() * 1000);
    const faults = chance() < 0.1 ? Math.ceil(total * chance() * 0.2) : 0;
    return {
      ReferenceId: i,
      Name: `service-${i}`,
      Type: i % 5 === 4 ? 'Database::SQL' : 'AWS::ECS::Container',
      State: 'active',
      Root: i < each,
      StartTime: 0,
      EndTime: 3600,
      SummaryStatistics: statistics(total - faults, 0, 0, faults, total * 0.2),
      ResponseTimeHistogram: [{ Value: 0.2, Count: total }],
      Edges: [...targets].map((ReferenceId) => ({
        ReferenceId,
        StartTime: 0,
        EndTime: 3600,
        SummaryStatistics: statistics(total - faults, 0, 0, faults, total * 0.2),
        ResponseTimeHistogram: [{ Value: 0.2, Count: total }],
      })),
    };
  });
  return { StartTime: 0, EndTime: 3600, Services };
}
