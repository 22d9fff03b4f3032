package redact

import "bytes"

// endOfURL is where the URL in a free text ends that has :// at i.
func endOfURL(t []byte, i int) int {
	for i < len(t) && t[i] > ' ' && t[i] != '"' && t[i] != '\'' && t[i] != '<' && t[i] != '>' && t[i] != '`' && t[i] != '|' {
		i++
	}
	for i > 0 && (t[i-1] == '.' || t[i-1] == ',' || t[i-1] == ';' || t[i-1] == ')' || t[i-1] == ':') {
		i--
	}
	return i
}

// url takes apart the URL t[from:to], or the end of one that begins at its scheme's colon: user information and the
// fragment go, the query keeps its names. whole says that the text is nothing but a URL, perhaps a relative one.
func (f *finder) url(from, to int, whole bool) {
	t := f.t[:to]
	path := from
	if i := bytes.Index(t[from:], []byte("://")); i >= 0 && (i == 0 || isScheme(t[from:from+i])) {
		f.people(from, from+i)
		path = f.authority(from+i+len("://"), to)
	}
	fragment := to
	if i := bytes.IndexByte(t[path:], '#'); i >= 0 {
		fragment = path + i
	}
	query := fragment
	if i := bytes.IndexByte(t[path:fragment], '?'); i >= 0 {
		query = path + i
	}
	f.path(path, query)
	if query < fragment {
		f.query(query+1, fragment)
	}
	if fragment < to {
		f.add(fragment, to, kindFragment)
	}
}

func isScheme(s []byte) bool {
	for _, c := range s {
		if !isWord(c) && c != '+' && c != '-' && c != '.' {
			return false
		}
	}
	return len(s) > 0
}

// authority takes the user information out, of a URL that ends at to, and returns where the host begins.
func (f *finder) authority(from, to int) int {
	end := from
	for end < to && f.t[end] != '/' && f.t[end] != '?' && f.t[end] != '#' && f.t[end] > ' ' && f.t[end] != '"' {
		end++
	}
	if at := bytes.LastIndexByte(f.t[from:end], '@'); at >= 0 {
		f.add(from, from+at+1, kindURLUser)
		return from + at + 1
	}
	return from
}

// path looks for people in a path, in which an @ may be written %40.
func (f *finder) path(from, to int) {
	for f.r.cfg.Email && from < to {
		i := bytes.Index(f.t[from:to], []byte("%40"))
		if i < 0 {
			break
		}
		start, end, ok := emailAround(f.t[:to], from, from+i, len("%40"))
		if !ok {
			start, end = from+i+len("%40"), from+i+len("%40")
		}
		f.people(from, start)
		if ok {
			f.add(start, end, kindEmail)
		}
		from = end
	}
	f.people(from, to)
}

// query takes the values out. A part without a name is a value.
func (f *finder) query(from, to int) {
	for from <= to {
		end := from
		for end < to && f.t[end] != '&' && f.t[end] != ';' {
			end++
		}
		value := from
		if i := bytes.IndexByte(f.t[from:end], '='); i >= 0 {
			value = from + i + 1
			f.path(from, from+i)
		}
		if v := f.t[value:end]; len(v) > 0 && string(v) != urlText {
			f.add(value, end, kindQuery)
		}
		from = end + 1
	}
}
