package roentgen

// Trace is everything stored under one id: of each entity the document that
// supersedes the others, in no order. Independent subsegments stand beside
// the segments; a query folds them in.
type Trace struct {
	ID        TraceID
	Documents []Stored
	Revision  int // distinct documents accepted, superseded ones included
	// LimitExceeded is true when documents were refused because the trace was
	// too large.
	LimitExceeded bool
}

// Stored is a segment as a store holds it.
type Stored struct {
	Segment  *Segment
	Received Time // server clock, when the first copy was accepted
	Keep     Keep
}
