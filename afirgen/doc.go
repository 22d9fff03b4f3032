// Package afirgen is the traced system: three HTTP services that turn a complaint, written, photographed or spoken, into
// a First Information Report, and keep the report until it is locked.
//
// It holds no code of its own. The way of a complaint through the rooms:
//
//	clerk's page ──► backend (:8000) ──► asrocr (:8002)  a photograph, a PDF or speech becomes text
//	  (clerk)            │        ├────► gguf   (:8001)  text becomes a summary, answers about sections, a narrative
//	                     │        └────► kb              text finds sections of law
//	                     ├─► fir      what may happen next, and what the report is
//	                     ├─► store    sessions and reports, in SQLite or MySQL
//	                     ├─► archive  uploads and locked reports, in a folder or S3
//	                     └─► paper, pdf  the report as text and in print
//
// contract holds the words that traces and logs use, prompt what models are asked, web what every service does to every
// request, upstream how a neighbour is asked, gate how work queues, vault where secrets come from and cloud how AWS is
// reached. up runs everything beside a Roentgen server, and local what a cloud would add to that. client speaks the
// backend's API, verify looks whether a deployment is traced as it should be, overhead measures what that costs.
package afirgen
