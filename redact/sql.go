package redact

import "bytes"

// statement finds the literals of a SQL statement, and people in what is left of it. Numbers after LIMIT, OFFSET, TOP
// and FETCH stay: they say how much was asked for, never of whom. So do 0 and 1, which are yes and no.
func (f *finder) statement() {
	t := f.t
	from := 0 // what no literal has covered yet
	limit := false
	for i := 0; i < len(t); {
		start := i
		switch c := t[i]; {
		case c == '"' && f.names:
			i = endOfQuote(t, i)
			continue
		case c == '\'' || c == '"':
			i = endOfQuote(t, i)
		case c == '`':
			i = endOfIdentifier(t, i)
			continue
		case c == '$':
			if i = endOfDollars(t, i); i == start {
				i = endOfName(t, i+1) // $1
				continue
			}
		case isDigit(c) || c == '.' && i+1 < len(t) && isDigit(t[i+1]):
			if i = endOfNumber(t, i); limit || i == start+1 && c <= '1' {
				continue
			}
		case isNameStart(c):
			i = endOfName(t, i+1)
			limit = isLimit(t[start:i])
			continue
		case c == '-' && hasPrefix(t[i:], "--"):
			i = endOfLine(t, i)
			continue
		case c == '/' && hasPrefix(t[i:], "/*"):
			i = endOfComment(t, i)
			continue
		default:
			limit = limit && (c <= ' ' || c == ',' || c == '(')
			i++
			continue
		}
		f.people(from, start)
		f.add(start, i, kindLiteral)
		from = i
	}
	f.people(from, len(t))
}

// plainStatement says whether there is no literal in a statement, nor anybody's number or address, as in those with
// placeholders: no quotes, no dollars but those of $1, and no digits but in names, and 0 and 1 alone.
func (s *scan) plainStatement(q quoted) bool {
	if q.marks&escaped != 0 || q.end+8 > len(s.b) {
		return false
	}
	for s.mark = s.x.Mark(q.start); s.mark < q.end; s.mark = s.x.Mark(s.mark + 1) {
		if s.b[s.mark] != '?' {
			return false
		}
	}
	t := s.b[q.start:q.end]
	if bytes.IndexByte(t, '\'') >= 0 {
		return false
	}
	for i, rest := 0, t; i >= 0; {
		if i = bytes.IndexByte(rest, '$'); i >= 0 {
			if rest = rest[i+1:]; len(rest) == 0 || !isDigit(rest[0]) {
				return false
			}
		}
	}
	for i := s.x.Digit(q.start); i < q.end; i = s.x.Digit(i) {
		before, c := s.b[i-1], s.b[i]
		end := q.start + endOfName(t, i+1-q.start)
		if !inName[before] && (c > '1' || end > i+1 || before == '.' || s.b[end] == '.') {
			return false
		}
		i = end
	}
	if s.digit < q.start {
		s.digit = s.x.Digits(q.start)
	}
	return s.digit >= q.end || s.few(q)
}

func isLimit(word []byte) bool {
	return equalFold(word, "limit") || equalFold(word, "offset") || equalFold(word, "top") || equalFold(word, "first") || equalFold(word, "next")
}

// namesInQuotes says whether double quotes hold names in this kind of database. In MySQL they hold texts, and where the
// kind is not known they are taken for such.
func namesInQuotes(database []byte) bool {
	for _, kind := range [...]string{"postgres", "oracle", "sqlite", "mssql", "microsoft", "db2", "cockroach", "redshift", "snowflake"} {
		if len(database) >= len(kind) && equalFold(database[:len(kind)], kind) {
			return true
		}
	}
	return false
}

// endOfQuote is the end of a text between quotes, which stand twice or behind a backslash inside of it.
func endOfQuote(t []byte, i int) int {
	quote := t[i]
	for i++; i < len(t); i++ {
		switch {
		case t[i] == '\\':
			i++
		case t[i] == quote && i+1 < len(t) && t[i+1] == quote:
			i++
		case t[i] == quote:
			return i + 1
		}
	}
	return len(t)
}

func endOfIdentifier(t []byte, i int) int {
	if n := bytes.IndexByte(t[i+1:], '`'); n >= 0 {
		return i + n + 2
	}
	return len(t)
}

// endOfDollars is the end of PostgreSQL's $tag$ text $tag$; i where there is none, as with $1.
func endOfDollars(t []byte, i int) int {
	end := i + 1
	for end < len(t) && (isWord(t[end]) || t[end] == '_') {
		end++
	}
	if end >= len(t) || t[end] != '$' || isDigit(t[i+1]) {
		return i
	}
	tag := t[i : end+1]
	if n := bytes.Index(t[end+1:], tag); n >= 0 {
		return end + 1 + n + len(tag)
	}
	return len(t)
}

// endOfNumber takes in fractions, exponents and hexadecimal digits.
func endOfNumber(t []byte, i int) int {
	for ; i < len(t); i++ {
		sign := (t[i] == '+' || t[i] == '-') && t[i-1]|0x20 == 'e' && i+1 < len(t) && isDigit(t[i+1])
		if !isWord(t[i]) && t[i] != '.' && t[i] != '_' && !sign {
			break
		}
	}
	return i
}

// isNameStart is for names and parameters: :name, @name, ?.
func isNameStart(c byte) bool {
	return isUpper(c) || isLower(c) || c == '_' || c == '@' || c == ':' || c == '#' || c >= 0x80 || c == '?' || c == '%'
}

// inName are the bytes that go on with a name or parameter. Never written.
var inName = func() (t [256]bool) {
	for i := range t {
		c := byte(i)
		t[i] = isWord(c) || c == '_' || c == '$' || c == '@' || c == ':' || c >= 0x80
	}
	return t
}()

// endOfName is the end of a name or parameter whose first byte stands before i.
func endOfName(t []byte, i int) int {
	for i < len(t) && inName[t[i]] {
		i++
	}
	return i
}

func endOfLine(t []byte, i int) int {
	if n := bytes.IndexByte(t[i:], '\n'); n >= 0 {
		return i + n
	}
	return len(t)
}

func endOfComment(t []byte, i int) int {
	if n := bytes.Index(t[i:], []byte("*/")); n >= 0 {
		return i + n + len("*/")
	}
	return len(t)
}
