// Package benchmarks compares what one traced request costs with this SDK, the
// AWS X-Ray SDK for Go and the OpenTelemetry SDK, in one run:
//
//	GOWORK=off go test -run NONE -bench . -benchtime 1s -count 5
//
// One request is a segment and five subsegments; two of the six carry three
// annotations (string, int, bool) and two metadata values. ns/op is the
// request's own time, cpu-ns/op the CPU time of the whole process, background
// senders included; spans/op is what arrived at the sink, another process (6 =
// nothing lost). It is a module of its own, so that users of the SDK inherit
// nothing of its rivals.
package benchmarks
