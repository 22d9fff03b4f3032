// Package web is what every AFIRGen service does to every request, and how a service starts and stops.
//
// A request passes, from the outside in: trace segment, request id, annotations, metrics, access log, recovery from
// panics, drain gate, security headers, CORS, rate limit, API key, body limit, route. The segment stands outermost, so
// that a refused request (401, 403, 404, 405, 413, 429, 503) is inside one too and every response carries
// X-Amzn-Trace-Id. Recovery stands inside of segment and log, so that both tell the status which the caller got.
//
// Run stops in the order of the data: it refuses new work while the work in hand ends, then closes the port. Nothing
// here writes a request's body, query or path to a log or an annotation; the route's pattern stands for the path. The
// segment's http.request.url, which the SDK writes, has the path without its query.
//
// A JSON body is one value in UTF-8, at most 10 deep, with no key twice in one object, whatever the case: readers differ
// in which of the two they believe. Keys that nobody knows are passed over, so that a newer caller is understood.
package web
