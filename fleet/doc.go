// Package fleet is what a server knows of its agents: the batches that each of
// them sent and what became of them, what each last said of itself, and the
// notices by which they tell each other which traces are kept.
//
// It owns two append logs in one directory. A batch is counted once, however
// often it comes: (agent, epoch, seq) names it, and the answer that was given is
// given again. Commit is durable before it returns. On Close it finishes the
// commits under way and ends every poll that waits.
//
// It holds no documents, and it never says that a batch arrived before the
// documents of that batch are durable: the caller stores first and commits
// then. The bytes are drawn in docs/format/fleet.md.
package fleet
