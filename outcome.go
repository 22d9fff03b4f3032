package roentgen

// Outcome is what became of one accepted document in a store. Every document
// has exactly one, so that the books can be balanced.
type Outcome uint8

// The outcomes.
const (
	// StoredNew: the first document of its entity, or the one that now stands
	// for it.
	StoredNew Outcome = iota
	// Replaced: counted in the revision, but another document of the same
	// entity supersedes it.
	Replaced
	// Duplicate: this very document was stored before; nothing changed.
	Duplicate
	// RefusedTraceTooLarge: the trace has reached its size limit.
	RefusedTraceTooLarge
	// RefusedTooOld: the document starts before the store's retention.
	RefusedTooOld
)

var outcomeNames = [...]string{"stored", "replaced", "duplicate", "refused_trace_too_large", "refused_too_old"}

// String returns the outcome as it stands in metrics.
func (o Outcome) String() string {
	if int(o) < len(outcomeNames) {
		return outcomeNames[o]
	}
	return "invalid"
}
