// Package redact takes personal data out of segment documents before they leave a process: phone numbers, Aadhaar
// numbers, e-mail addresses, PANs, literals in SQL, values in URL queries, and whatever stands under a forbidden key.
// It owns nothing and starts nothing, and it never touches what holds a trace together: ids, times, links, hashes.
package redact

import (
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/roentgen/roentgen/redact/structure"
)

// Config says what goes. The zero Config takes nothing out; Default has everything on.
type Config struct {
	Off      bool     // nothing is looked at, whatever else is said here
	Keys     []string // names of members whose value goes, whatever it is; case does not matter
	KeepKeys []string // names of members whose value is never looked at; case does not matter; they win over Keys
	Phone    bool     // Indian mobile numbers
	Aadhaar  bool     // 12 digits with a right check digit
	Email    bool
	PAN      bool // permanent account numbers, AAAAA9999A
	SQL      bool // literals in statements, passwords in connection strings
	URLQuery bool // values of queries, fragments and user information in URLs
}

// Default takes out everything that the package knows.
func Default() Config {
	return Config{Keys: slices.Clone(secretKeys[:]), Phone: true, Aadhaar: true, Email: true, PAN: true, SQL: true, URLQuery: true}
}

// Counts says how many things were taken out, by kind.
type Counts struct {
	Keys        int64 // values under forbidden keys, a whole subtree being one
	Phones      int64
	Aadhaars    int64
	Emails      int64
	PANs        int64
	SQLLiterals int64 // literals in statements, passwords in connection strings
	URLQueries  int64 // values of queries, fragments, user information
}

// Total is the sum of all kinds.
func (c Counts) Total() int64 {
	return c.Keys + c.Phones + c.Aadhaars + c.Emails + c.PANs + c.SQLLiterals + c.URLQueries
}

// Redactor is safe for concurrent use.
type Redactor struct {
	cfg  Config
	keys keyTable
	free atomic.Pointer[scratch] // memory for the next document, or nil
}

// New returns a Redactor. It refuses names of members that are empty or longer than 64 bytes.
func New(cfg Config) (*Redactor, error) {
	r := &Redactor{cfg: cfg}
	for _, of := range []struct {
		names []string
		class class
	}{{idKeys[:], classKeep}, {queryKeys[:], classSQL}, {urlKeys[:], classURL}, {dsnKeys[:], classDSN}, {cfg.Keys, classForbidden}, {cfg.KeepKeys, classKeep}} {
		for _, name := range of.names {
			if len(name) == 0 || len(name) > maxKey {
				return nil, fmt.Errorf("redaction: the name of a member %q has %d bytes: 1 to %d can be compared", name, len(name), maxKey)
			}
			r.keys.add(name, of.class)
		}
	}
	return r, nil
}

// Document takes personal data out of one JSON document. Where there is none, out is doc itself, nothing is allocated
// and dst is not used; otherwise out begins at the start of dst's memory, which must not overlap doc's. What is valid
// JSON stays so, and every byte that is not personal data stays as it was. A text that is no JSON, as nothing of 2 GiB
// is, comes back unchanged: nobody takes it as a document.
func (r *Redactor) Document(dst, doc []byte) (out []byte, c Counts) {
	if r.cfg.Off {
		return doc, Counts{}
	}
	s := scan{r: r}
	x := &s.memory().index
	x.Make(doc)
	out, c = s.redact(dst, doc, x)
	s.close()
	return out, c
}

// Indexed is Document for those who have made the index of doc. It does not change the index, which is that of out if
// nothing was found.
func (r *Redactor) Indexed(dst, doc []byte, x *structure.Index) (out []byte, c Counts) {
	if r.cfg.Off {
		return doc, Counts{}
	}
	s := scan{r: r}
	out, c = s.redact(dst, doc, x)
	s.close()
	return out, c
}

func (s *scan) redact(dst, doc []byte, x *structure.Index) ([]byte, Counts) {
	if x.Open || x.Stray {
		return doc, Counts{}
	}
	s.b, s.x, s.out = doc, x, dst[:0]
	s.document()
	if s.bad || s.c == (Counts{}) {
		return doc, Counts{}
	}
	return append(s.out, doc[s.from:]...), s.c
}

// Value takes personal data out of one string, as out of one in metadata whose key says nothing.
func (r *Redactor) Value(text string) (string, Counts) {
	if r.cfg.Off || text == "" {
		return text, Counts{}
	}
	s := scan{r: r}
	defer s.close()
	t := []byte(text)
	hits := s.find(t, classNone, true)
	if len(hits) == 0 {
		return text, Counts{}
	}
	out := make([]byte, 0, len(t)+16*len(hits))
	from := 0
	for _, h := range hits {
		out = append(append(out, t[from:h.start]...), h.kind.text()...)
		from = h.end
		s.count(h.kind)
	}
	return string(append(out, t[from:]...)), s.c
}
