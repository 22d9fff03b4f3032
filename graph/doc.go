// Package graph says who calls whom.
//
// Fold turns the documents of one trace into rows: its nodes, edges, segments
// and calls, those that are inferred from one side alone, and its root causes.
// A Graph counts the rows of many traces, with a histogram for each node and
// edge. Rollups keeps what each trace contributes, a tally, adds tallies and
// takes them out again in any order, and makes of them the Graph of any window.
//
// The room owns what X-Ray calls a node and how its figures are counted. It
// opens nothing, starts nothing, and reads no bytes.
package graph
