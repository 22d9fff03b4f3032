// Package tail measures, from outside, whether failing traces are kept whole: it runs agents and a server as processes, sends
// them traces whose every document it writes down, does to them what happens to hosts, and then asks the server for each failing trace.
//
// It owns the processes that it starts, their directories, and the sockets between them; Run gives all of them back. It
// knows Roentgen by its sockets, its metrics and its documented protocols alone, and judges by its own book only: what a
// program says of itself is used to name the cause of a miss, never to excuse one that its own book does not show.
package tail
