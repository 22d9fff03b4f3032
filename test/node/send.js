// Sends one trace over two services with AWS's X-Ray SDK for Node and prints
// its id. AWS_XRAY_DAEMON_ADDRESS says where to.
const http = require('http');
const xray = require('aws-xray-sdk-core');

xray.middleware.disableCentralizedSampling();
xray.middleware.setSamplingRules({ version: 2, rules: [], default: { fixed_target: 1, rate: 1 } });
xray.enableManualMode();

const root = new xray.Segment('node-caller');
root.addAnnotation('plan', 'gold');
root.setUser('u-42');
root.addMetadata('cart', { ids: [1, 2, 3] });

const local = root.addNewSubsegment('work');
local.close(new Error('nothing left'));

const server = http.createServer((req, res) => {
  const header = xray.utils.processTraceData(req.headers['x-amzn-trace-id']);
  const callee = new xray.Segment('node-callee', header.root, header.parent);
  res.statusCode = 404;
  res.end('no such thing', () => {
    callee.addErrorFlag();
    callee.close();
  });
});

server.listen(0, '127.0.0.1', () => {
  const captured = xray.captureHTTPs(http, true);
  const { port } = server.address();
  captured.get({ host: '127.0.0.1', port, path: '/stock?secret=1', XRaySegment: root }, (res) => {
    res.resume();
    res.on('end', () => {
      server.close();
      root.close();
      // The SDK sends without a callback; its socket is done when the loop is.
      setTimeout(() => console.log(root.trace_id), 100);
    });
  });
});
