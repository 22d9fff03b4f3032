package roentgen

import "bytes"

// Kind tells the two documents apart that a producer may send.
type Kind uint8

// The kinds of document.
const (
	KindSegment    Kind = iota // one service's record of one request
	KindSubsegment             // an independent subsegment, sent apart from its segment
)

// Namespace says what a subsegment called.
type Namespace uint8

// The namespaces of subsegments.
const (
	NamespaceNone   Namespace = iota // local work
	NamespaceRemote                  // another service, a database
	NamespaceAWS                     // an AWS API
)

// Segment is one entity of a trace: a segment, an independent subsegment, or
// (within Subsegments) an embedded one. It holds the members that summaries,
// graphs and filters read; everything else, stack traces and metadata among
// it, lives in Document alone. A Segment is not changed once it was parsed.
type Segment struct {
	Trace  TraceID   // zero within Subsegments
	ID     SegmentID // unique within the trace
	Parent SegmentID // zero: none. Within Subsegments always zero: nesting decides
	Name   string

	Start Time
	End   Time // zero while InProgress

	// One byte each and side by side: a store has many segments in memory.
	Kind                   Kind
	Namespace              Namespace
	InProgress             bool
	Error, Throttle, Fault bool // as flagged by the producer

	Origin      string
	User        string
	ResourceARN string
	HTTP        *HTTP
	AWS         *AWS
	SQL         *SQL
	Cause       *Cause
	Annotations []Annotation
	Links       []Link
	Subsegments []Segment

	// Document is the canonical text, without white space between tokens:
	// unknown members, number literals and the order of keys as they came,
	// of duplicate keys the last. Nil within Subsegments.
	Document []byte
	// Hash is the 64-bit hash of Document: equal for equal documents.
	Hash uint64
}

// HTTP is the http block of a segment or subsegment.
type HTTP struct {
	Method, URL, UserAgent, ClientIP string
	XForwardedFor                    bool // ClientIP came from that header
	Traced                           bool // subsegments: the callee sends a segment of its own
	Status                           int  // 0: none
	ContentLength                    int64
}

// AWS holds the members of the aws block that name nodes and fill summaries.
type AWS struct {
	AccountID, Region, Operation, RequestID    string
	QueueURL, TableName, TopicARN, BucketName  string
	FunctionName, InstanceID, AvailabilityZone string
	FunctionARN, ContainerARN                  string // what runs the code
	ALBSelf                                    string // Self field of the trace header, written by a load balancer
	SamplingRule                               string
	SamplingProbability                        float64 // 0: not stated
	ResourceNames                              []string
}

// RanIn returns the ARNs of the function and the container that ran the code;
// nil where neither is named.
func (a *AWS) RanIn() []string {
	return appendNonEmpty(appendNonEmpty(nil, a.FunctionARN), a.ContainerARN)
}

// SQL is the sql block of a subsegment.
type SQL struct {
	URL, ConnectionString, DatabaseType, SanitizedQuery, User string
}

// Cause says why a segment failed: exceptions recorded here, or the id of one
// recorded in another entity of the trace.
type Cause struct {
	Ref        string // 16 hex digits, or empty
	Exceptions []Exception
}

// Exception is one error with its cause chain; its stack is in the document.
type Exception struct {
	ID, Type, Message, Cause string
	Remote                   bool // the callee reported it
}

// Link points at a segment of another trace.
type Link struct {
	Trace TraceID
	ID    SegmentID
}

// Supersedes reports whether s takes the place of old when both are documents
// of one entity, received at the times given: a complete document beats one
// in progress, then the later arrival, then the greater hash. The order is
// total, so stores that saw the documents in different orders agree.
func (s *Segment) Supersedes(old *Segment, received, oldReceived Time) bool {
	if s.InProgress != old.InProgress {
		return old.InProgress
	}
	if received != oldReceived {
		return received > oldReceived
	}
	if s.Hash != old.Hash {
		return s.Hash > old.Hash
	}
	return bytes.Compare(s.Document, old.Document) > 0
}

// Failed reports the three outcomes of one entity, from its flags and from
// its response status: a status of 4xx is an error, 429 also a throttle, 5xx
// a fault.
func (s *Segment) Failed() (isError, isThrottle, isFault bool) {
	isError, isThrottle, isFault = s.Error, s.Throttle, s.Fault
	if s.HTTP != nil {
		status := s.HTTP.Status
		isError = isError || status >= 400 && status < 500
		isThrottle = isThrottle || status == 429
		isFault = isFault || status >= 500 && status < 600
	}
	return isError, isThrottle, isFault
}

// Walk calls fn for s and everything nested in it, parents first.
func (s *Segment) Walk(fn func(*Segment)) {
	fn(s)
	for i := range s.Subsegments {
		s.Subsegments[i].Walk(fn)
	}
}
