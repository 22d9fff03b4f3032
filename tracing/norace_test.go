//go:build !race

package tracing

const pooled = 0
