// Package bench measures a trace server from outside: it makes traces of a
// fixed shape, sends them through one of the server's doors, watches what the
// process takes of processor, memory and disk, asks what people ask, and says
// what came of it beside goals and other systems.
//
// It owns the temporary file of prepared requests and the server that it
// starts; closing and stopping give them back. It knows a server by its
// sockets alone, and it never sends where nobody told it to.
package bench
