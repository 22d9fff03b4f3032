//go:build race

package tracing

// pooled is how many allocations a request may need beyond its budget, because
// under the race detector sync.Pool loses some of what it is given, on purpose.
const pooled = 4
