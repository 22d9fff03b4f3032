// Package child runs a language model in a process of its own, watches it and starts it again.
//
// The library that computes models ends its whole process when an assertion of it fails, and a wrong shape in a model
// file is enough for that. So each model has a child: a broken file costs one model, never the service. Serve is the
// child's side, Model the parent's; they speak docs/protocol/model-pipe.md through the child's standard input and output.
//
// Model.Run owns the process: it starts it, restarts it after a growing pause when it dies, and has ended it when it
// returns. A child that does not answer a cancellation in time is killed. On Linux a child does not outlive its parent.
// What a child prints on its standard error is never logged, because a prompt could be in it; only the sentence of a
// failed assertion is told.
package child
