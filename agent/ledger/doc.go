// Package ledger keeps the books of one agent: how many documents came in, by
// door, and what became of each of them.
//
//	received = stored + replaced + duplicate + refused + rejected + dropped by policy + lost by cause + waiting
//
// It owns a page of counters in a memory-mapped file of the agent's state
// directory, so that counting costs no system call and a killed process takes
// no count with it. What waits is not counted here: the ring, the spool and
// the queue know that themselves, and hand it in when the sum is made. It
// never guesses: what a kill left between two counters is booked under that
// name at the next start.
package ledger
