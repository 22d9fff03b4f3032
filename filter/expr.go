package filter

import (
	"errors"
	"strings"

	"github.com/roentgen/roentgen"
)

// Expr is a filter expression that is sound: every keyword stands where it may, every operator suits its operands.
// The zero Expr is the empty expression, which every trace matches.
type Expr struct{ root Term }

// Parse reads an expression within the default limits. The error is an *Error.
func Parse(s string) (*Expr, error) { return Limits{}.Parse(s) }

// Parse reads an expression. White space alone is the empty expression. The error is an *Error.
func (l Limits) Parse(s string) (*Expr, error) {
	root, err := l.withDefaults().parse(s)
	if err == nil {
		err = Check(root)
	}
	var e *Error
	if errors.As(err, &e) {
		e.locate(s)
	}
	if err != nil {
		return nil, err
	}
	return &Expr{root}, nil
}

// ParseGroup reads the expression of a group, which must not be empty.
func ParseGroup(s string) (*Expr, error) {
	e, err := Parse(s)
	if err == nil && e.Empty() {
		return nil, roentgen.Invalidf("Filter Expression is empty; a group needs a condition, such as fault")
	}
	return e, err
}

// New makes an expression of a tree that was built by hand. It is checked, printed and parsed within the default
// limits, so that positions, those of an *Error beyond Check too, are in the normal form. In texts, bytes that are not
// UTF-8 become U+FFFD.
func New(root Term) (*Expr, error) {
	if err := Check(root); err != nil {
		return nil, err
	}
	return Parse((&Expr{root}).String())
}

// Root is the tree as it was written, groups by name. It is not to be changed.
func (e *Expr) Root() Term {
	if e.root == nil {
		return &Always{Value: true}
	}
	return e.root
}

// Empty says whether the expression has no condition at all.
func (e *Expr) Empty() bool {
	always, ok := e.Root().(*Always)
	return ok && always.Value
}

// String returns the normal form: keywords in lower case, operators in upper case, every AND written out, brackets
// wherever AND and OR meet, texts in double quotes. It parses to an expression with the same meaning and the same
// normal form.
func (e *Expr) String() string {
	var b strings.Builder
	e.Root().print(&b)
	return b.String()
}
