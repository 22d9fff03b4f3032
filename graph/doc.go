// Package graph says who calls whom.
//
// Fold turns the documents of one trace into rows: its nodes, edges, segments
// and calls, those that are inferred from one side alone, and its root causes.
// A Graph counts the rows of many traces, with a histogram for each node and
// edge; graphs are added and subtracted in any order, and Rollups keeps them
// per minute, hour and day.
//
// The room owns what X-Ray calls a node and how its figures are counted. It
// opens nothing, starts nothing, and reads no bytes.
package graph
