// Package upstream asks a neighbour, one of the model servers, over HTTP: with a time limit for each attempt, with
// retries, and with a circuit breaker that stops asking one which fails.
//
// What is repeated is the HTTP call alone, never the handler around it. It is repeated when the connection failed or
// the neighbour answered 502, 503 or 504; not when it was still at work as the attempt's time ran out, because it would
// do the same work twice; never beyond the context's deadline, and never when our own caller has gone. The breaker
// counts failed connections, time that ran out, and 5xx. It counts no 4xx, which says that the neighbour lives, and not
// that a caller went away, which says nothing of it. One 503 is treated as a 4xx: model_unavailable without
// Retry-After, by which a server says that it was set up without that engine; its others still work.
//
// The breaker is our own, of three states and one lock. The libraries at hand know success and failure only, and would
// close the breaker when the caller of the one trial call goes away; here a call can also end without a verdict, and
// the next one is the trial then. An answer to a call from before the last change of state is no verdict either.
//
// Every error is a *web.Error, or the context's own, fit for our caller: it says in our words what went wrong and
// repeats none of the neighbour's, which may quote a complaint. The package starts no goroutine but within Monitor.Run,
// which waits for them.
package upstream
