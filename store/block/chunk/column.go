package chunk

// column is what the Encoder knows of a place in a shape. What is looked at for
// every value stands first: a trace touches hundreds of columns, and they should
// take few lines of the cache.
type column struct {
	forms  []form
	last   int32  // the form that fitted last; -1: none yet
	width  uint8  // of a code
	k      uint8  // scale of num, noNumber without one
	fused  bool   // part of a run
	queued bool   // to be looked at after this trace
	since  uint32 // values since the last book
	check  uint32 // since at which the book is looked at again
	vars   uint32 // values of forms that are not constants
	again  uint32 // vars at which the next search begins
	trace  uint32 // the trace that num and val, the newest value, are of
	num    int64
	val    []byte
	open   []int32 // the forms that are not constants, the cheapest first
	guess  []byte  // the text of forms[last], if that is a constant
	miss   uint32  // forms without a code, since the last book
	odd    uint32  // values that fitted no form, or only that for any text
	tries  uint8   // searches for times that ended
	left   uint8   // values that a search has still to look at
	books  []book
	times  *timeSearch
}

const noNumber = 255

// form is one way to write a value of a column, or a target of a shape column.
type form struct {
	code   int32  // in the present book, or -1
	count  uint32 // uses, halved now and then
	cost   int32  // of the holes, about, in bits
	target int32  // in a shape column
	holes  []hole // nil: a constant; the last one may be holeEnd
	spec   []byte // as in the dictionary
	quick  uint8  // what write has a short way for
}

// What is written in a short way: the most frequent forms.
const (
	quickNone = iota
	quickNumber
	quickHex // 16 digits between quotes
)

// quickOf finds the short way for the holes of a form.
func quickOf(holes []hole) uint8 {
	switch {
	case len(holes) == 1 && holes[0].kind == holeNum:
		return quickNumber
	case len(holes) == 2 && holes[1].kind == holeEnd && holes[0].n == 16 && string(holes[0].lit) == `"` && string(holes[1].lit) == `"` &&
		(holes[0].kind == holeLower || holes[0].kind == holeUpper):
		return quickHex
	}
	return quickNone
}

// setLast remembers the form that fitted last.
func (c *column) setLast(f int32) {
	if c.last == f {
		return
	}
	c.last, c.guess = f, nil
	if c.forms[f].holes == nil {
		c.guess = c.forms[f].spec
	}
}

// single reports whether the form is a number and nothing else.
func (f *form) single() bool { return len(f.holes) == 1 && f.holes[0].kind == holeNum }

// shape is a skeleton and its columns: one for each slot, and one more for
// what follows it in a list.
type shape struct {
	skeleton []byte
	slots    []slot
	tail     []byte
	col      int32
	fused    bool // the runs of the slots are up to date
}

// slot is a place for a value or an item, behind a literal. Where slots follow
// one another that have had one constant for a while, the first of them has a
// run: the text from its own literal to the literal behind the last of them,
// which is compared in one go.
type slot struct {
	lit  []byte
	kind byte
	run  []byte
	runs int32 // slots in the run
}

func (s *shape) next() int32 { return s.col + int32(len(s.slots)) }

// splitSkeleton finds the slots; the pieces share memory with it.
func splitSkeleton(skeleton []byte) (slots []slot, tail []byte) {
	from := 0
	for i, c := range skeleton {
		if c <= slotList {
			slots = append(slots, slot{lit: skeleton[from:i:i], kind: c})
			from = i + 1
		}
	}
	return slots, skeleton[from:]
}
