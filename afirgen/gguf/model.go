package gguf

// The models that callers know by name.
const (
	Summariser    = "summariser"     // a complaint → at most two sentences
	BNSCheck      = "bns_check"      // a summary and a section of law → YES or NO
	FIRSummariser = "fir_summariser" // a complaint → the narrative of the report, at most three sentences
)

// Models returns the names in their order.
func Models() []string { return []string{Summariser, BNSCheck, FIRSummariser} }

// fileNames are the files that a model directory is searched for, the first of them first: the model's own name, and
// the name that its file had in the AFIRGen of 2026.
func fileNames(model string) []string {
	original := map[string]string{
		Summariser: "complaint_2summarizing.gguf", BNSCheck: "BNS-RAG-q4k.gguf", FIRSummariser: "complaint_summarizing_model.gguf",
	}
	return []string{model + ".gguf", original[model]}
}
