package wire

import "github.com/roentgen/roentgen"

// BatchContentType is the media type of a batch on its way to a server.
const BatchContentType = "application/x-roentgen-batch"

// BatchHeader says whose batch this is. A server takes each (Agent, Epoch, Seq)
// once.
type BatchHeader struct {
	Agent   string `json:"agent"` // 32 lower-case hex digits, the same for as long as the state directory lives
	Host    string `json:"host"`
	Version string `json:"version"` // of the program
	// Epoch is made at random when the agent's state directory is new, and at
	// each start of an agent that has none.
	Epoch uint64 `json:"epoch"`
	// Seq counts the batches of an epoch from 1. It comes again with the same
	// documents only.
	Seq  uint64  `json:"seq"`
	Sent float64 `json:"sent"` // seconds since 1970, by the agent's clock
	// Documents is how many documents follow; the writer of a batch fills it in.
	Documents int `json:"documents"`
	// Reasons is what the notices name by index; the writer fills it in.
	Reasons []string `json:"reasons,omitempty"`

	// By is the name of the token that the batch came with. It does not travel:
	// whoever takes the batch in knows it. "" where everybody may come in.
	By string `json:"-"`
}

// BatchDocument is one document and why it was kept.
type BatchDocument struct {
	Keep     roentgen.Keep
	Document []byte
}

// Bounds of one batch, beside that of its bytes.
const (
	MaxBatchNotices   = 1 << 16
	MaxStatementBytes = 64 << 10
	MaxReasonBytes    = 255
)

// Notice says that a trace is kept, so that every agent that holds a part of it
// lets go of it.
type Notice struct {
	Trace  roentgen.TraceID
	Reason string // the name of a trigger; longer ones than MaxReasonBytes are cut
}

// Batch is what an agent sends to a server at once. Any part of it may be empty
// but the header.
type Batch struct {
	Header    BatchHeader
	Documents []BatchDocument
	Notices   []Notice
	Rollups   [][]byte // each one of graph.Minutes
	Statement []byte   // JSON of the agent's ledger; nil: none
}

// BatchAnswer is what became of a batch: the answer to it as JSON.
type BatchAnswer struct {
	Seq uint64 `json:"seq"`
	// Repeated: the batch was answered before, and this is that answer again.
	Repeated bool `json:"repeated"`
	// Outcomes counts documents: stored, replaced, duplicate, refused and
	// rejected. The sum is the documents of the batch.
	Outcomes map[string]int64 `json:"outcomes"`
	// Codes counts the rejected ones by roentgen.RejectCode; a sender to another
	// upstream may leave it out.
	Codes map[string]int64 `json:"codes,omitempty"`
	// Rejected names refused and rejected documents, of many the first ones.
	Rejected []RejectedDocument `json:"rejected,omitempty"`
}

// The outcomes that a BatchAnswer counts by.
const (
	OutcomeStored    = "stored"    // the first document of its entity, or the one that now stands for it
	OutcomeReplaced  = "replaced"  // kept in mind, but another document of the same entity stands for it
	OutcomeDuplicate = "duplicate" // this very document was stored before
	OutcomeRefused   = "refused"   // sound, but the store does not take it: too old, or its trace too large
	OutcomeRejected  = "rejected"  // not a document
)

// MaxRejectedNamed is how many documents BatchAnswer.Rejected names.
const MaxRejectedNamed = 8

// RejectedDocument is one that was refused or rejected, and why.
type RejectedDocument struct {
	Index  int    `json:"index"` // in the batch, from 0
	ID     string `json:"id,omitempty"`
	Code   string `json:"code"` // a roentgen.RejectCode
	Detail string `json:"detail"`
}
