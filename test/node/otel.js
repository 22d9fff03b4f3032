// Sends one trace over two services with OpenTelemetry's SDK for Node and
// prints, in OTLP's JSON, the spans that it sent. The first argument says with
// which exporter (grpc, proto or json), OTEL_EXPORTER_OTLP_ENDPOINT where to.
const { trace, context, SpanKind, SpanStatusCode } = require('@opentelemetry/api');
const { NodeTracerProvider, BatchSpanProcessor, SimpleSpanProcessor } = require('@opentelemetry/sdk-trace-node');
const { defaultResource, resourceFromAttributes } = require('@opentelemetry/resources');
const { JsonTraceSerializer } = require('@opentelemetry/otlp-transformer');

const exporters = {
  grpc: () => require('@opentelemetry/exporter-trace-otlp-grpc'),
  proto: () => require('@opentelemetry/exporter-trace-otlp-proto'),
  json: () => require('@opentelemetry/exporter-trace-otlp-http'),
};
const { OTLPTraceExporter } = exporters[process.argv[2]]();

const sent = [];
const memory = {
  export: (spans, done) => { sent.push(...spans); done({ code: 0 }); },
  shutdown: async () => {},
};

const provider = (service) => new NodeTracerProvider({
  resource: defaultResource().merge(resourceFromAttributes({ 'service.name': service, 'service.version': '2.0', 'deployment.environment.name': 'test', 'process.pid': 17 })),
  spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter()), new SimpleSpanProcessor(memory)],
});

async function main() {
  const shop = provider('node-shop');
  const stock = provider('node-stock');
  const tracer = shop.getTracer('shop', '1.1');
  const root = tracer.startSpan('GET /cart/{id}', {
    kind: SpanKind.SERVER,
    attributes: { 'http.request.method': 'GET', 'url.path': '/cart/7', 'url.scheme': 'http', 'server.address': 'shop.example', 'http.response.status_code': 500, plan: 'gold', 'cart.items': [1, 2, 3] },
  });
  const inRoot = trace.setSpan(context.active(), root);
  const work = tracer.startSpan('work', { attributes: { weight: 2.5, hasty: true } }, inRoot);
  work.addEvent('looked', { shelf: 'left' });
  work.recordException(new Error('nothing left'));
  work.setStatus({ code: SpanStatusCode.ERROR, message: 'nothing left' });
  work.end();
  const call = tracer.startSpan('GET', {
    kind: SpanKind.CLIENT,
    attributes: { 'http.method': 'GET', 'http.url': 'http://stock.example/items?secret=1', 'http.status_code': 404, 'net.peer.name': 'stock.example' },
    links: [{ context: { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags: 1 }, attributes: { why: 'retry' } }],
  }, inRoot);
  const callee = stock.getTracer('stock').startSpan('GET /items', {
    kind: SpanKind.SERVER,
    attributes: { 'http.method': 'GET', 'http.target': '/items', 'http.host': 'stock.example', 'http.status_code': 404 },
  }, trace.setSpan(context.active(), call));
  callee.end();
  call.end();
  root.end();
  await Promise.all([shop.shutdown(), stock.shutdown()]);
  process.stdout.write(Buffer.from(JsonTraceSerializer.serializeRequest(sent)).toString());
}

main().catch((err) => { console.error(err); process.exit(1); });
