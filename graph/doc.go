// Package graph says who calls whom.
//
// Fold turns the documents of one trace into rows: its nodes, edges, segments
// and calls, those that are inferred from one side alone, and its root causes.
// A Graph counts the rows of many traces, with a histogram for each node and
// edge. Rollups keeps what each trace contributes, a tally, adds tallies and
// takes them out again in any order, and makes of them the Graph of any window.
// A Bundle is the tallies of one block in bytes, with sums of those of many; a
// Board makes the Graph of a window over many Bundles.
//
// The room owns what X-Ray calls a node, how its figures are counted, and the
// bytes of a Bundle (docs/format/block-graph.md). It opens nothing and starts
// nothing: a Board is handed functions that load.
package graph
