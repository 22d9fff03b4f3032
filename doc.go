// Package roentgen is the vocabulary of the house: trace ids, segments,
// traces, summaries, sampling rules and the kinds of error that every room
// speaks of.
//
// It owns the words and the rules that hold for a word wherever it stands
// (how two documents of one segment are ordered, how two summaries of one
// trace are joined). It imports the standard library alone, opens nothing,
// starts nothing and keeps no state.
package roentgen
