package gguf

// The models that callers know by name.
const (
	Summariser    = "summariser"     // a complaint → at most two sentences
	BNSCheck      = "bns_check"      // a summary and a section of law → YES or NO
	FIRSummariser = "fir_summariser" // a complaint → the narrative of the report
)

// models gives every known name its engine; nil where this build has none.
func models(rules Engine) map[string]Engine {
	return map[string]Engine{Summariser: rules, BNSCheck: nil, FIRSummariser: nil}
}
