// Package overhead measures what tracing costs AFIRGen's services: latency, processor time and memory of the same
// requests with tracing off, at a tenth, and for every request.
//
// The variants run side by side on one machine, each a whole set of services, and are loaded in turns, so that what else
// the machine does falls on all of them alike; of the rounds the median counts. Load is open: a request is sent when its
// time has come, whether the one before has been answered or not, and its latency counts from then.
//
// It starts nothing itself: it is given addresses and process ids, and asks /proc.
package overhead
