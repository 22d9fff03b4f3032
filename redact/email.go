package redact

import "bytes"

// nextEmail returns the first address in t[from:to].
func (f *finder) nextEmail(from, to int) (hit, bool) {
	if !f.r.cfg.Email {
		return hit{}, false
	}
	for at := from; at < to; {
		i := bytes.IndexByte(f.t[at:to], '@')
		if i < 0 {
			break
		}
		at += i
		if start, end, ok := emailAround(f.t[:to], from, at, 1); ok {
			return hit{start, end, kindEmail}, true
		}
		at++
	}
	return hit{}, false
}

// emailAround returns the address around the sign at i, which has width bytes, not before from.
func emailAround(t []byte, from, i, width int) (start, end int, ok bool) {
	for start = i; start > from && isLocal(t[start-1]); start-- {
	}
	for start < i && (t[start] == '.' || t[start] == '-') {
		start++
	}
	for end = i + width; end < len(t) && isDomain(t[end]); end++ {
	}
	for end > i+width && (t[end-1] == '.' || t[end-1] == '-') {
		end--
	}
	return start, end, start < i && isMailDomain(t[i+width:end])
}

func isLocal(c byte) bool {
	return isWord(c) || c >= 0x80 || c == '.' || c == '_' || c == '%' || c == '+' || c == '-' || c == '\''
}

func isDomain(c byte) bool { return isWord(c) || c >= 0x80 || c == '.' || c == '-' }

// isMailDomain wants a dot and, after the last one, letters. A database at a host inside of a network is written with the same sign.
func isMailDomain(d []byte) bool {
	dot := bytes.LastIndexByte(d, '.')
	if dot < 1 {
		return false
	}
	last := d[dot+1:]
	if len(last) < 2 {
		return false
	}
	for _, c := range last {
		if isDigit(c) || c == '-' {
			return false
		}
	}
	return !equalFold(last, "internal") && !equalFold(last, "localhost") && !equalFold(last, "localdomain") && !equalFold(last, "svc")
}
