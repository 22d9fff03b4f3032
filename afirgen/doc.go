// Package afirgen is the traced system: three HTTP services that turn a complaint, typed or photographed, into the
// summary from which a police station starts a First Information Report.
//
// It holds no code of its own. The way of a complaint through the rooms:
//
//	backend (:8000) ──► asrocr (:8002)  a photographed letter becomes text
//	        │
//	        └─────────► gguf   (:8001)  text becomes a summary of at most two sentences
//
// fir holds the words of the domain, contract the words that traces and logs use, web what every service does to every
// request, and up the supervisor that runs all three beside a Roentgen server. kb holds the sections of law, and pdf
// writes the report for printing; no service calls these two yet, nor the reports in fir.
package afirgen
