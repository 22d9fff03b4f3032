package redact

import "bytes"

// kind is what was found.
type kind uint8

const (
	kindPhone kind = iota
	kindAadhaar
	kindEmail
	kindPAN
	kindLiteral  // in SQL
	kindPassword // in a connection string
	kindUser     // and password before a host
	kindQuery    // a value in a URL
	kindFragment
	kindURLUser
)

// text is what stands in place of it; none of these is found again.
func (k kind) text() string {
	switch k {
	case kindPhone:
		return "[redacted:phone]"
	case kindAadhaar:
		return "[redacted:aadhaar]"
	case kindEmail:
		return "[redacted:email]"
	case kindPAN:
		return "[redacted:pan]"
	case kindLiteral:
		return "?"
	case kindQuery, kindPassword:
		return urlText
	default:
		return ""
	}
}

// urlText is what OpenTelemetry's conventions put in place of a secret in a URL, where brackets have no place.
const urlText = "REDACTED"

func (k kind) quoted() string {
	if k == kindPhone {
		return `"[redacted:phone]"`
	}
	return `"[redacted:aadhaar]"`
}

func (s *scan) count(k kind) {
	switch k {
	case kindPhone:
		s.c.Phones++
	case kindAadhaar:
		s.c.Aadhaars++
	case kindEmail:
		s.c.Emails++
	case kindPAN:
		s.c.PANs++
	case kindLiteral, kindPassword, kindUser:
		s.c.SQLLiterals++
	default:
		s.c.URLQueries++
	}
}

// hit is something in a text that has to go: t[start:end].
type hit struct {
	start, end int
	kind       kind
}

// find returns what has to go from a text, in order and apart. The answer is valid until the next call.
// marked: there is an @ or a ? in it.
func (s *scan) find(t []byte, c class, marked bool) []hit {
	f := finder{r: s.r, t: t, names: s.names, hits: s.memory().hits[:0]}
	switch {
	case c == classSQL && s.r.cfg.SQL:
		f.statement()
	case c == classDSN:
		if s.r.cfg.SQL {
			f.connection()
		}
	case c == classURL && s.r.cfg.URLQuery:
		f.url(0, len(t), true)
	case marked:
		f.urls()
	default:
		f.numbers(0, len(t))
	}
	s.scratch.hits = f.hits
	return f.hits
}

// finder looks through one text.
type finder struct {
	r     *Redactor
	t     []byte
	hits  []hit
	names bool // in SQL, double quotes hold names
}

func (f *finder) add(start, end int, k kind) {
	f.hits = append(f.hits, hit{start, end, k})
}

// people finds the numbers and addresses of people in t[from:to].
func (f *finder) people(from, to int) {
	for from < to {
		email, found := f.nextEmail(from, to)
		stop := to
		if found {
			stop = email.start
		}
		f.numbers(from, stop)
		if !found {
			return
		}
		f.hits = append(f.hits, email)
		from = email.end
	}
}

// numbers finds phone numbers, Aadhaar numbers and PANs in t[from:to].
func (f *finder) numbers(from, to int) {
	t := f.t[:to]
	for i := from; i < to; {
		c := t[i]
		switch {
		case isDigit(c) || c == '+' || c == '(' || c == 0xe0:
			if h, ok := f.r.numberAt(f.t, i); ok && h.end <= to {
				f.hits = append(f.hits, h)
				i = h.end
				continue
			}
			if c == '+' || c == '(' || c == 0xe0 {
				i++
				continue
			}
			i = endOfWord(t, i)
		case isUpper(c):
			if f.r.cfg.PAN && isPAN(f.t, i) && i+panLength <= to {
				f.add(i, i+panLength, kindPAN)
				i += panLength
				continue
			}
			i = endOfWord(t, i)
		case isLower(c):
			i = endOfWord(t, i)
		default:
			i++
		}
	}
}

// endOfWord is the end of the letters and digits from i on: no number begins amid them.
func endOfWord(t []byte, i int) int {
	for i++; i < len(t) && isWord(t[i]); i++ {
	}
	return i
}

// urls finds people in a free text, and takes apart the URLs that it mentions.
func (f *finder) urls() {
	from := 0
	for f.r.cfg.URLQuery && from < len(f.t) {
		i := bytes.Index(f.t[from:], []byte("://"))
		if i < 0 {
			break
		}
		start := from + i
		end := endOfURL(f.t, start)
		f.people(from, start)
		f.url(start, end, false)
		from = end
	}
	f.people(from, len(f.t))
}
