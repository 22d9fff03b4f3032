// Package test is the whole-system tests: the built programs, real sockets,
// real disks, and the clients that people already have: AWS's SDK for Go, the
// X-Ray SDKs for Go and Node. It imports no room of the house; what it asserts
// is what comes back over the wire.
package test
