// Package web is what every AFIRGen service does to every request, and how a service starts and stops.
//
// A request passes, from the outside in: trace segment, request id, annotations, access log, recovery from panics,
// security headers, CORS, drain gate, API key, body limit, route. The segment stands outermost, so that a refused
// request (401, 404, 405, 413, 503) is inside one too and every response carries X-Amzn-Trace-Id.
//
// Run stops in the order of the data: it refuses new work while the work in hand ends, then closes the port. Nothing
// here writes a request's body, query or path to a log or an annotation; the route's pattern stands for the path. The
// segment's http.request.url, which the SDK writes, has the path without its query.
package web
