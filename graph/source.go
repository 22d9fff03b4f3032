package graph

// Source says where figures come from.
type Source uint8

// The sources.
const (
	SourceKept      Source = iota // the kept traces, each of which stands for itself
	SourceEstimated               // the kept traces, of which some stand for others
	SourceCounted                 // agents, which counted all requests
)

var sourceNames = [...]string{"kept", "estimated", "counted"}

// String returns the source in one lower-case word.
func (s Source) String() string {
	if int(s) < len(sourceNames) {
		return sourceNames[s]
	}
	return "invalid"
}

// Source says where most of the node's figures come from.
func (n *Node) Source() Source { return SourceOf(n.Stats, n.Counted, n.Kept) }

// Source says where most of the edge's figures come from.
func (e *Edge) Source() Source { return SourceOf(e.Stats, e.Counted, e.Kept) }

// SourceOf says where most of some figures come from, of which so many requests
// were counted by agents, and so many are those of kept traces.
func SourceOf(s Stats, counted, kept int64) Source {
	switch n := s.Count(); {
	case counted > 0 && 2*counted >= n:
		return SourceCounted
	case kept < n:
		return SourceEstimated
	}
	return SourceKept
}
