// Package tracing records what a Go service does for a request as an AWS X-Ray
// segment and sends it to an agent: Roentgen's, or the X-Ray daemon.
//
// It owns the segments of its process until they are sent, one queue, one UDP
// socket and two goroutines, one that sends and one that asks the agent what
// it can do; the shutdown function that Setup returns sends what waits and
// ends them. Its face is the OpenTelemetry API, so that
// any OpenTelemetry instrumentation nests in its segments, and some functions
// that work from the context.
//
// It never blocks a request, never changes what a traced function returns,
// calls it exactly once, and never panics unless told to (RUNTIME_ERROR). What
// it has to give up it counts; see Stats.
package tracing
