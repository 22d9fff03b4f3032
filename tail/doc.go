// Package tail decides after the fact: it holds documents whose trace nobody sampled until a trigger, a word from
// another host or the next round of the ring says what becomes of them.
//
// A Tail owns the ring (package ring), the triggers with their quotas, the memory of what was decided, and the notices
// that the server has not taken yet. One goroutine, the owner, calls Offer, Notice, Recover, Tick and Close; everything
// else may be called by anyone. Whatever Offer returned for survives the death of the process: documents that it held
// are held, traces that it kept stay kept, and what had not left wholly leaves again on Recover. A machine that loses
// power may lose what the kernel had not written; that is counted, and the rest is read.
//
// Every document ends in exactly one of forwarded, drained, overwritten, shed and damaged, or waits; Stats counts them.
//
// It opens no socket, starts no goroutine, and never drops a part of a trace while it could keep the whole.
package tail
