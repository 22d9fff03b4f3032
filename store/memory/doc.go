// Package memory keeps the promises of store and state in memory: the
// plainest implementation, and the oracle for the others.
//
// Given a directory, it writes every document to internal/applog first and
// acknowledges it when the log has been synced; at start it rebuilds memory
// from the log. Without one it forgets everything when the process ends, and
// says so by its name: New.
//
// It owns its directory, bounds what it holds by age and by bytes, and counts
// what it removes. It starts nothing; whoever opens it calls Maintain from
// time to time, and Close, which waits for appends under way.
package memory
