// Package upstream sends batches to where traces are kept: to a Roentgen
// server, or to AWS X-Ray as the official daemon does.
//
// It owns the connections, the credentials, the signature, the pace of
// repetition and the words in which a failure is told: every error says what
// was being done, what the other side answered and what to do about it.
//
// The Forwarder takes cuts out of a spool and sends each until it is taken or
// refused for good. On shutdown it stops cutting, gives what is in flight a
// bounded time and leaves the rest in the spool. It never drops a batch because
// the upstream is away.
package upstream
