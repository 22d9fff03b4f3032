package chunk

import (
	"math/bits"
	"slices"
)

// A book says which forms of a column have codes, from trace number epoch on:
// form i of it has the code i, in as few bits as all of them need.
type book struct {
	epoch uint32
	forms []int32 // of the column; in a shape column, targets
}

const maxBooks = 16 // of a column

// codeWidth is how many bits a code of a book of n forms takes.
func codeWidth(n int) uint8 {
	if n <= 1 {
		return 0
	}
	return uint8(bits.Len(uint(n - 1)))
}

// bookDue reports whether another book may pay.
func (c *column) bookDue() bool {
	n := len(c.books)
	if n == 0 {
		return len(c.forms) > 0
	}
	if n < maxBooks && c.since >= c.check {
		c.check *= 4
		return true
	}
	return n < maxBooks && c.miss >= uint32(1+n+len(c.books[n-1].forms)/4) && c.miss*32 > c.since
}

// rebook gives codes to the forms that are worth one.
func (c *column) rebook(epoch uint32) {
	order := make([]int32, len(c.forms))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortStableFunc(order, func(a, b int32) int { return int(c.forms[b].count) - int(c.forms[a].count) })
	order = order[:c.worthy(order)]
	same := len(c.books) > 0 && sameForms(c.books[len(c.books)-1].forms, order)
	for i := range c.forms {
		c.forms[i].count -= c.forms[i].count / 2
	}
	if same {
		return
	}
	for i := range c.forms {
		c.forms[i].code = -1
	}
	for code, f := range order {
		c.forms[f].code = int32(code)
	}
	c.width = codeWidth(len(order))
	c.books = append(c.books, book{epoch, order})
	c.miss, c.since, c.check = 0, 0, max(c.check, 64)
}

func sameForms(a, b []int32) bool {
	if len(a) != len(b) {
		return false
	}
	for _, f := range b {
		if !contains(a, f) {
			return false
		}
	}
	return true
}

// worthy is how many of the forms, the most frequent first, should have codes.
func (c *column) worthy(order []int32) int {
	var rest, taken uint64
	for _, f := range order {
		rest += uint64(c.forms[f].count)
	}
	best, n := ^uint64(0), 1
	for k, f := range order {
		taken += uint64(c.forms[f].count)
		rest -= uint64(c.forms[f].count)
		if cost := taken*uint64(codeWidth(k+1)) + rest*24; cost <= best {
			best, n = cost, k+1
		}
	}
	return n
}
