// Package access decides who may come in at the HTTP door: people with a
// session, programs with a bearer token, and AWS clients that sign.
//
// It owns the names and tokens of a file, what a session is worth, and how
// often an address may try to log in. Everything that it remembers of a
// session stands in the session's cookie, signed with the token it was opened
// with: a restart ends none, and taking a token out of the file ends its own.
// It never logs or repeats a token, it decides nothing about what somebody who
// is in may do, and it does not guard the daemon's port.
package access
