package index

import (
	"encoding/binary"
	"math/bits"
)

// bloom is a split-block Bloom filter: an entry lives in one block of 64 bytes, a cache line, and sets one bit in each
// of the eight words of it. So a probe reads one line of memory and allocates nothing.
type bloom []byte

const (
	bloomBlock = 64
	// bloomBits is what an entry gets; it makes about one false positive in a thousand. Each reads an index: with 10 bits
	// and one in a hundred, a rare value cost 12.6 ms among 4,400 blocks, nearly all of it for those.
	bloomBits = 16
	// idBits is what a trace id gets. Every trace that arrives is looked for in every block, and each false positive reads
	// an index: with a hundred blocks one in a hundred is one for each trace. It is the least: filters of ids have a power
	// of two of lines, so that those of many blocks are alike and can be asked together (Sieve).
	idBits = 24
)

// bloomSize is the length for so many entries of so many bits, in bytes.
func bloomSize(entries, each int) int {
	return (entries*each + 8*bloomBlock - 1) / (8 * bloomBlock) * bloomBlock
}

// idBloomSize is the length of a filter of so many trace ids, in bytes.
func idBloomSize(entries int) int {
	lines := bloomSize(entries, idBits) / bloomBlock
	if lines == 0 {
		return 0
	}
	return bloomBlock << bits.Len(uint(lines-1))
}

// place returns the offset of the block and the number from which the bits are taken.
func (b bloom) place(hash uint64) (at int, spread uint64) {
	block, _ := bits.Mul64(hash, uint64(len(b)/bloomBlock))
	return int(block) * bloomBlock, scatter(hash)
}

func (b bloom) add(hash uint64) {
	at, spread := b.place(hash)
	for word := range 8 {
		bit := spread >> (6 * word) & 63
		b[at+8*word+int(bit/8)] |= 1 << (bit % 8)
	}
}

// has may say yes wrongly, and never no.
func (b bloom) has(hash uint64) bool {
	if len(b) < bloomBlock {
		return false
	}
	at, spread := b.place(hash)
	block := b[at : at+bloomBlock : at+bloomBlock]
	for word := range 8 {
		if binary.LittleEndian.Uint64(block[8*word:])>>(spread>>(6*word)&63)&1 == 0 {
			return false
		}
	}
	return true
}
