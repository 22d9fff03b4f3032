// Package up is the supervisor behind `afirgen up`: it starts a Roentgen server and the three services, sends one
// written complaint and one photographed letter, reads both traces back and prints them as trees.
//
// It starts in the order of need (server, model servers, backend) and stops in the order of the data (backend, model
// servers, server), each within a bound. A program that dies is started again, later each time. No program outlives it:
// each is killed by the kernel when the supervisor dies.
package up
