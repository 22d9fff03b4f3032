package chunk

import "bytes"

// scalarEnd returns where the string, number or word at t[i:] ends, or -1.
func scalarEnd(t []byte, i int) int {
	if i >= len(t) {
		return -1
	}
	switch t[i] {
	case '"':
		return stringEnd(t, i)
	case '{', '[':
		return -1
	}
	from := i
	for i < len(t) && !delimiter(t[i]) {
		i++
	}
	if i == from {
		return -1
	}
	return i
}

// delimiter reports whether c ends a number or a word.
func delimiter(c byte) bool { return c == ',' || c == '}' || c == ']' }

// stringEnd returns the index behind the string that begins at t[i].
func stringEnd(t []byte, i int) int {
	for i++; ; {
		j := bytes.IndexByte(t[i:], '"')
		if j < 0 {
			return -1
		}
		i += j + 1
		if t[i-2] != '\\' || j == 0 || !escaped(t, i-1) {
			return i
		}
	}
}

// escaped reports whether an odd number of backslashes stands in front of
// t[i].
func escaped(t []byte, i int) bool {
	n := 0
	for i--; i >= 0 && t[i] == '\\'; i-- {
		n++
	}
	return n%2 == 1
}

// valueEnd returns where the value at t[i:], of any kind, ends, or -1.
func valueEnd(t []byte, i int) int {
	if i >= len(t) || t[i] != '{' && t[i] != '[' {
		return scalarEnd(t, i)
	}
	for depth := 0; i < len(t); i++ {
		switch t[i] {
		case '"':
			if i = stringEnd(t, i) - 1; i < 0 {
				return -1
			}
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return -1
}
