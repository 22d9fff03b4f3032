// Package rates remembers how many requests there were: the roll-ups that
// agents ship, added up by minute and by hour.
//
// It owns its log below DATA/rates (docs/format/rollup.md). A batch counts once,
// however often it comes, and what Add has acknowledged survives kill -9 and a
// power cut. Minutes and hours are held in memory, in the form in which they
// came, within bounds; a Book starts nothing, and Close waits for what is under
// way. It knows nothing of traces.
package rates
