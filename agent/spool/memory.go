package spool

import (
	"fmt"
	"slices"
	"sync"
)

// memory keeps packed files; the others are kept by the spool alone.
type memory struct {
	mu struct {
		sync.Mutex
		packed map[uint64][]byte
	}
}

func newMemory() *memory {
	m := new(memory)
	m.mu.packed = map[uint64][]byte{}
	return m
}

func (m *memory) prepare(h header, size int, used *file) ([]byte, error) {
	if used == nil {
		mem := make([]byte, size)
		h.put(mem)
		return mem, nil
	}
	storeWord(used.mem, fileHead, 0)
	h.put(used.mem)
	return used.mem, nil
}

func (m *memory) pack(number uint64, head, block []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.mu.packed[number] = slices.Concat(head, block)
	return nil
}

func (m *memory) load(number uint64, buf []byte) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	b, ok := m.mu.packed[number]
	if !ok {
		return nil, fmt.Errorf("load %s: it is not there", m.name(number))
	}
	return append(buf[:0], b...), nil
}

func (m *memory) rest([]byte) error { return nil }

func (m *memory) release([]byte) error { return nil }

func (m *memory) remove(number uint64) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.mu.packed, number)
	return nil
}

func (m *memory) gone() bool { return false }

func (m *memory) name(number uint64) string { return fmt.Sprintf("memory file %d", number) }

func (m *memory) close(table, []*file) error { return nil }
