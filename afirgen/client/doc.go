// Package client speaks the API of AFIRGen's main backend, which docs/afirgen/api.md describes: it files complaints,
// takes them through their reviews and moves the reports that come out of them.
//
// It holds no state but the connections of the http.Client that it was given, starts no goroutine, and never repeats a
// request, unless the backend has said that it did not look at it (429) and the caller has handed in a clock to wait
// with. What people wrote stands in requests and answers alone; no error of this package repeats it.
package client
