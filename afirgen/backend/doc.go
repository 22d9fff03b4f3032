// Package backend is the service that callers meet: it takes a complaint, has its photograph read and its text
// summarised by the model servers, keeps the session in SQLite and answers with the draft so far.
//
// It owns the database and closes it. Complaint texts stay in the database and in answers: no log line, annotation or
// metadata holds a word of them.
package backend
