// Package agent is what runs beside an application: it takes segments from
// X-Ray SDKs over UDP and TCP and spans from OpenTelemetry's, holds what is
// undecided, and sends on what is kept, to a Roentgen server or to AWS X-Ray.
//
// It owns the sockets it was given and a state directory: the queue, the ring
// and the decisions of the tail, the spool, and the books. A document that was
// read from a socket is in mapped memory before anything else happens to it,
// so that a kill takes nothing with it but what the kernel still held. On
// shutdown it refuses what is new, decides what is queued, and leaves the rest
// to the spool for the next start. It never drops a document without a cause
// that the books name, and it never looks into what it has redacted.
package agent
