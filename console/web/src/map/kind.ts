/** Kind is what a node is drawn as. */
export type Kind = 'client' | 'service' | 'function' | 'balancer' | 'database' | 'table' | 'queue' | 'topic' | 'bucket' | 'aws' | 'remote';

/** The kinds in the words of the legend. */
export const kindNames: Readonly<Record<Kind, string>> = {
  client: 'Clients',
  service: 'Service',
  function: 'Function',
  balancer: 'Load balancer',
  database: 'Database',
  table: 'Table',
  queue: 'Queue',
  topic: 'Topic',
  bucket: 'Bucket',
  aws: 'AWS service',
  remote: 'Remote service',
};

const byType: readonly (readonly [RegExp, Kind])[] = [
  [/^client$/, 'client'],
  [/^remote$/, 'remote'],
  [/^database\b/i, 'database'],
  [/^AWS::(RDS|Aurora|Redshift|Neptune|DocDB|ElastiCache|rdsdataservice)/i, 'database'],
  [/^AWS::DynamoDB/i, 'table'],
  [/^AWS::(SQS|Kinesis|Firehose|MQ|MSK)/i, 'queue'],
  [/^AWS::(SNS|Events|EventBridge)/i, 'topic'],
  [/^AWS::S3/i, 'bucket'],
  [/^AWS::ElasticLoadBalancing|^AWS::ElasticLoadBalancingV2/i, 'balancer'],
  [/^AWS::Lambda|^AWS::StepFunctions/i, 'function'],
  [/^AWS::(EC2|ECS|EKS|ElasticBeanstalk|AppRunner|Batch|Fargate)\b/i, 'service'],
  [/^AWS::/i, 'aws'],
];

/** kindOf goes by X-Ray's type of a node: the origin of a segment, or what was inferred of a call. Empty: a service. */
export function kindOf(type: string): Kind {
  for (const [pattern, kind] of byType) if (pattern.test(type)) return kind;
  return 'service';
}

/** typeName says a type in a few words: "AWS::ECS::Container" is "ECS container". */
export function typeName(type: string): string {
  const kind = kindOf(type);
  if (type === '') return kindNames.service;
  if (type === 'client' || type === 'remote' || kind === 'balancer') return kindNames[kind];
  const [head = '', ...rest] = type.split('::');
  if (head.toLowerCase() === 'database') return [...rest, 'database'].join(' ');
  if (head.toLowerCase() !== 'aws' || rest.length === 0) return type;
  return [rest[0], ...rest.slice(1).map((w) => w.toLowerCase())].join(' ');
}

/** shortName is what fits on a card: of queues and topics named by URL or ARN, the last part. */
export function shortName(name: string, kind: Kind): string {
  if (kind === 'queue' || kind === 'topic' || kind === 'function') {
    const last = /^(?:https?:\/\/|arn:).*[/:]([^/:]+)$/.exec(name)?.[1];
    if (last) return last;
  }
  return name;
}
