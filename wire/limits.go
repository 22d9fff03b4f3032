package wire

import "cmp"

// Limits bounds what one document may cost. The zero value stands for the
// defaults; a negative number lifts a limit.
type Limits struct {
	// MaxDocumentBytes holds for the text as it came and for the canonical
	// text. Default 65,536, X-Ray's limit.
	MaxDocumentBytes int
	// MaxDepth is how many objects and arrays may stand in one another, the
	// document itself counted. Default 128, which is 63 levels of embedded
	// subsegments: X-Ray publishes no limit, and SDKs stay below 20 levels.
	// It cannot be lifted: 10,000 is the most.
	MaxDepth int
	// MaxSubsegments counts the embedded subsegments of a document at all
	// levels. Default 2,000, which 65,536 bytes cannot hold: it is there for
	// those who raise MaxDocumentBytes.
	MaxSubsegments int
	// MaxAnnotations is how many distinct annotation keys of a document are
	// indexed; those after them stay in the document alone. Default 50,
	// X-Ray's limit for a whole trace.
	MaxAnnotations int
	// MaxLinks is how many links of one entity become typed; those after
	// them stay in the document alone. Default 100, X-Ray's limit for a
	// whole trace.
	MaxLinks int
}

// The defaults of Limits.
const (
	DefaultMaxDocumentBytes = 64 << 10
	DefaultMaxDepth         = 128
	DefaultMaxSubsegments   = 2000
	DefaultMaxAnnotations   = 50
	DefaultMaxLinks         = 100
)

// deepest is the nesting that encoding/json and common readers still take.
const deepest = 10_000

const unlimited = int(^uint(0) >> 1)

// resolved returns l with every number positive.
func (l Limits) resolved() Limits {
	return Limits{
		MaxDocumentBytes: limit(l.MaxDocumentBytes, DefaultMaxDocumentBytes),
		MaxDepth:         min(deepest, limit(l.MaxDepth, DefaultMaxDepth)),
		MaxSubsegments:   limit(l.MaxSubsegments, DefaultMaxSubsegments),
		MaxAnnotations:   limit(l.MaxAnnotations, DefaultMaxAnnotations),
		MaxLinks:         limit(l.MaxLinks, DefaultMaxLinks),
	}
}

func limit(n, byDefault int) int {
	if n < 0 {
		return unlimited
	}
	return cmp.Or(n, byDefault)
}
