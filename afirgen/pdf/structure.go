package pdf

import (
	"fmt"
	"strings"
)

// element is a part of the text and says what it is: a heading, a paragraph, a table's cell. It holds other elements,
// or the marks under which its text stands on the pages; never both.
type element struct {
	kind     string   // one of ISO 32000-1's standard types, section 14.8.4
	lang     Language // empty: the document's
	children []*element
	marks    []mark
}

// mark is a stretch of a page: its number there.
type mark struct{ page, number int }

// child adds an element under e.
func (e *element) child(kind string, lang Language) *element {
	c := &element{kind: kind, lang: lang}
	e.children = append(e.children, c)
	return c
}

// structure writes the tree of elements and, for each page, the list of whose each mark is. It returns the root.
func (f *file) structure(top *element, owners [][]*element, pages []ref) ref {
	root, parents := f.reserve(), f.reserve()
	refs := map[*element]ref{}
	f.element(top, root, refs, pages)
	f.set(root, fmt.Sprintf("<</Type /StructTreeRoot /K %v /ParentTree %v /ParentTreeNextKey %d>>", refs[top], parents, len(pages)))
	var nums strings.Builder
	for page, of := range owners {
		fmt.Fprintf(&nums, "%d [", page)
		for _, e := range of {
			fmt.Fprintf(&nums, "%v ", refs[e])
		}
		nums.WriteString("]\n")
	}
	f.set(parents, "<</Nums ["+nums.String()+"]>>")
	return root
}

// element writes e and all that is under it.
func (f *file) element(e *element, parent ref, refs map[*element]ref, pages []ref) {
	self := f.reserve()
	refs[e] = self
	var kids strings.Builder
	for _, c := range e.children {
		f.element(c, self, refs, pages)
		fmt.Fprintf(&kids, "%v ", refs[c])
	}
	for _, m := range e.marks {
		fmt.Fprintf(&kids, "<</Type /MCR /Pg %v /MCID %d>> ", pages[m.page], m.number)
	}
	f.set(self, fmt.Sprintf("<</Type /StructElem /S /%s /P %v%s /K [%s]>>", e.kind, parent, e.attributes(), kids.String()))
}

// attributes says what is special about the element.
func (e *element) attributes() string {
	var s string
	if e.lang != "" {
		s += fmt.Sprintf(" /Lang (%s)", e.lang.region())
	}
	if e.kind == "TH" {
		s += " /A <</O /Table /Scope /Column>>"
	}
	return s
}
