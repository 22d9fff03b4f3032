// Package backend is the service that callers meet: it takes a complaint, has its photograph or speech read, brings it
// through the five reviews of a session with the help of the model servers and the knowledge base, and keeps the report
// that comes out until it is locked.
//
// Nothing moves but by fir.Apply and fir.ApplyReport: a handler reads, applies, and writes over the version that it has
// read. Work between two reviews is done by the request that asked for it; what comes to nothing brings the session back
// to the review it came from, also when the caller has gone. Run sweeps away what has expired.
//
// It owns neither database nor archive. Complaint texts stay in these and in answers: no log line, annotation or
// metadata holds a word of them.
package backend
