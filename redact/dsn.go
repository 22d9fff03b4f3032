package redact

import "bytes"

// plainConnection says whether there is no password in a connection string, because nothing stands before one.
func (s *scan) plainConnection(q quoted) bool {
	t := s.b[q.start:q.end]
	return q.marks&escaped == 0 && bytes.IndexByte(t, '@') < 0 && bytes.IndexByte(t, '=') < 0
}

// connection finds the passwords of a connection string, be it a URL (scheme://user:password@host), MySQL's
// user:password@tcp(host)/db, Oracle's user/password@host, or pairs like password=….
func (f *finder) connection() {
	t := f.t
	if bytes.IndexByte(t, '@') < 0 && bytes.IndexByte(t, '=') < 0 {
		return
	}
	head := len(t)
	if i := bytes.IndexByte(t, '?'); i >= 0 {
		head = i
	}
	start := 0
	if i := bytes.Index(t[:head], []byte("://")); i >= 0 {
		start = i + len("://")
	} else if i := bytes.Index(t[:head], []byte("thin:")); i >= 0 {
		start = i + len("thin:")
	}
	after := 0
	if at := bytes.LastIndexByte(t[start:head], '@'); at >= 0 {
		if i := bytes.IndexAny(t[start:start+at], ":/"); i >= 0 && bytes.IndexByte(t[start:start+at], '=') < 0 {
			f.add(start+i, start+at, kindUser)
			after = start + at
		}
	}
	f.pairs(after)
}

// passwordKeys are the names of pairs, lower case.
var passwordKeys = [...]string{"password", "pwd", "passwd", "pass", "sslpassword", "secret", "token", "accountkey", "sharedaccesskey", "authtoken"}

// pairs finds name=value, apart by semicolons, spaces or ampersands, with the value in quotes or braces or not.
func (f *finder) pairs(from int) {
	t := f.t
	for i := from; i < len(t); {
		n := bytes.IndexByte(t[i:], '=')
		if n < 0 {
			return
		}
		value := i + n + 1
		name := bytes.TrimRight(t[i:value-1], " ")
		if cut := bytes.LastIndexAny(name, "?&; ,\t"); cut >= 0 {
			name = name[cut+1:]
		}
		for value < len(t) && t[value] == ' ' {
			value++
		}
		end := endOfPair(t, value)
		if isPasswordKey(name) && end > value && string(t[value:end]) != urlText {
			f.add(value, end, kindPassword)
		}
		i = max(end, value)
	}
}

func isPasswordKey(name []byte) bool {
	for _, key := range passwordKeys {
		if equalFold(name, key) {
			return true
		}
	}
	return false
}

func endOfPair(t []byte, i int) int {
	if i < len(t) && (t[i] == '\'' || t[i] == '"' || t[i] == '{') {
		quote := t[i]
		if quote == '{' {
			quote = '}'
		}
		if n := bytes.IndexByte(t[i+1:], quote); n >= 0 {
			return i + n + 2
		}
		return len(t)
	}
	for i < len(t) && t[i] != ';' && t[i] != '&' && t[i] > ' ' {
		i++
	}
	return i
}
