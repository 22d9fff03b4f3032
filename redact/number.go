package redact

const (
	phoneDigits   = 10
	aadhaarDigits = 12
	// longestNumber is 0091 and a phone number.
	longestNumber = 14
	panLength     = 10
)

func isDigit(c byte) bool { return c-'0' < 10 }
func isUpper(c byte) bool { return c-'A' < 26 }
func isLower(c byte) bool { return c-'a' < 26 }
func isWord(c byte) bool  { return isDigit(c) || isUpper(c) || isLower(c) }

// isPAN reports whether a PAN begins at i: five letters, four digits and a letter, and no longer word.
func isPAN(t []byte, i int) bool {
	if len(t) < i+panLength || i > 0 && isWord(t[i-1]) || len(t) > i+panLength && isWord(t[i+panLength]) {
		return false
	}
	for j, c := range t[i : i+panLength] {
		if digit := j >= 5 && j < 9; digit && !isDigit(c) || !digit && !isUpper(c) {
			return false
		}
	}
	return true
}

// group is how the digits of a number may stand apart, one space or hyphen between.
type group [3]uint8

var phoneGroups = [...]group{{10}, {5, 5}, {3, 3, 4}, {4, 3, 3}} // never written
var aadhaarGroups = [...]group{{12}, {4, 4, 4}}                  // never written

// numberAt returns the phone or Aadhaar number that begins at i, where a digit, a plus sign, a parenthesis or the first
// byte of a Devanagari digit stands.
func (r *Redactor) numberAt(t []byte, i int) (hit, bool) {
	if isDigit(t[i]) && !mayBeNumber(t, i) || !begins(t, i) {
		return hit{}, false
	}
	if r.cfg.Phone {
		if end, ok := phoneAt(t, i); ok {
			return hit{i, end, kindPhone}, true
		}
	}
	if r.cfg.Aadhaar {
		for _, g := range aadhaarGroups {
			if end, digits, ok := grouped(t, i, i, g); ok && isAadhaar(&digits) && !isAccount(t, i, end) {
				return hit{i, end, kindAadhaar}, true
			}
		}
	}
	return hit{}, false
}

// mayBeNumber says whether the digits at i are as many as in a number, or go on behind a space or a hyphen. Most words
// that begin with a digit are told from numbers so.
func mayBeNumber(t []byte, i int) bool {
	n := 1
	for n <= longestNumber && i+n < len(t) && isDigit(t[i+n]) {
		n++
	}
	if i += n; n >= phoneDigits {
		return n <= longestNumber && (i == len(t) || !isWord(t[i]))
	}
	if i+1 >= len(t) {
		return false
	}
	_, width := digitAt(t, i+1)
	return (t[i] == ' ' || t[i] == '-') && width > 0 || t[i] == 0xe0
}

// phoneAt returns the end of an Indian mobile number: ten digits from 6 on, with +91, 0091, 91 or 0 before them or not.
func phoneAt(t []byte, i int) (end int, ok bool) {
	for _, prefix := range prefixes(t[i]) {
		at := i + len(prefix)
		if prefix != "" {
			if len(t) < at || string(t[i:at]) != prefix {
				continue
			}
			if at < len(t) && (t[at] == ' ' || t[at] == '-') {
				at++
			}
		}
		for _, g := range phoneGroups {
			end, digits, ok := grouped(t, i, at, g)
			if ok && digits[0] >= 6 && !(prefix == "91" && end-i == aadhaarDigits && isAccount(t, i, end)) {
				return end, true
			}
		}
	}
	return 0, false
}

var countryCodes = [...]string{"+91", "(+91)", "0091", "0", "91", ""} // never written

// prefixes are those that begin with c, and none where the number itself may begin with it.
func prefixes(c byte) []string {
	switch {
	case c == '+':
		return countryCodes[:1]
	case c == '(':
		return countryCodes[1:2]
	case c == '0':
		return countryCodes[2:4]
	case c == '9':
		return countryCodes[4:]
	case c >= '6':
		return countryCodes[5:]
	}
	return nil
}

// grouped reads digits from i on that stand as g says, all apart by the same character, in a number that begins at start.
func grouped(t []byte, start, i int, g group) (end int, digits [aadhaarDigits]uint8, ok bool) {
	n, apart := 0, byte(0)
	for part, size := range g {
		if size == 0 {
			break
		}
		if part > 0 {
			if i >= len(t) || t[i] != ' ' && t[i] != '-' || apart != 0 && t[i] != apart {
				return 0, digits, false
			}
			apart = t[i]
			i++
		}
		for range size {
			d, width := digitAt(t, i)
			if width == 0 {
				return 0, digits, false
			}
			digits[n] = d
			n++
			i += width
		}
	}
	return i, digits, ends(t, i) && (apart != '-' || !amidHex(t, start, i))
}

// amidHex says whether t[start:end] stands amid groups of hexadecimal digits, as the parts of a UUID do.
func amidHex(t []byte, start, end int) bool {
	return start > 1 && t[start-1] == '-' && isHex(t[start-2]) || end+1 < len(t) && t[end] == '-' && isHex(t[end+1])
}

func isHex(c byte) bool { return isDigit(c) || c|0x20 >= 'a' && c|0x20 <= 'f' }

// digitAt reads a digit, ASCII's or Devanagari's (U+0966 to U+096F); width 0: there is none.
func digitAt(t []byte, i int) (d uint8, width int) {
	switch {
	case i < 0 || i >= len(t):
		return 0, 0
	case isDigit(t[i]):
		return t[i] - '0', 1
	case t[i] == 0xe0 && i+2 < len(t) && t[i+1] == 0xa5 && t[i+2]-0xa6 < 10:
		return t[i+2] - 0xa6, 3
	}
	return 0, 0
}

// begins says whether a number may begin at i: not amid a word or a longer number, and not as the last part of a UUID.
func begins(t []byte, i int) bool {
	if i == 0 {
		return true
	}
	before := t[i-1]
	if _, width := digitAt(t, i-3); isWord(before) || width == 3 {
		return false
	}
	if before == '.' && i > 1 && isDigit(t[i-2]) || before == '+' && isDigit(t[i]) {
		return false
	}
	return before != '-' || !afterUUID(t[:i])
}

// afterUUID says whether t ends in the last but one part of a UUID, -hhhh-.
func afterUUID(t []byte) bool {
	if len(t) < 6 || t[len(t)-6] != '-' {
		return false
	}
	for _, c := range t[len(t)-5 : len(t)-1] {
		if !isHex(c) {
			return false
		}
	}
	return true
}

// ends says whether a number may end at i.
func ends(t []byte, i int) bool {
	if i >= len(t) {
		return true
	}
	if _, width := digitAt(t, i); isWord(t[i]) || width > 0 {
		return false
	}
	return t[i] != '.' || i+1 >= len(t) || !isDigit(t[i+1])
}

// isAccount says whether the twelve digits t[i:end] stand where an AWS account does: in an ARN, after amazonaws.com/ as
// in a queue's URL, or before .dkr.ecr as in the name of an image.
func isAccount(t []byte, i, end int) bool {
	if i > 0 && t[i-1] == ':' {
		at := i
		for at > 0 && (isWord(t[at-1]) || t[at-1] == ':' || t[at-1] == '-' || t[at-1] == '_') {
			at--
		}
		return hasPrefix(t[at:i], "arn:")
	}
	return hasSuffix(t[:i], ".amazonaws.com/") || hasPrefix(t[end:], ".dkr.ecr")
}

func hasPrefix(t []byte, p string) bool { return len(t) >= len(p) && string(t[:len(p)]) == p }
func hasSuffix(t []byte, p string) bool { return len(t) >= len(p) && string(t[len(t)-len(p):]) == p }

// isAadhaar checks the first digit, which is 2 or more, and the last, by Verhoeff's scheme (J. Verhoeff, Error
// Detecting Decimal Codes, 1969): a sum in the symmetries of a pentagon, each place turned by a permutation.
func isAadhaar(digits *[aadhaarDigits]uint8) bool {
	if digits[0] < 2 {
		return false
	}
	sum := uint8(0)
	for i := range digits {
		sum = pentagon(sum, turned(digits[aadhaarDigits-1-i], i))
	}
	return sum == 0
}

// pentagon multiplies two symmetries: 0 to 4 are rotations, 5 to 9 reflections.
func pentagon(a, b uint8) uint8 {
	switch {
	case a < 5 && b < 5:
		return (a + b) % 5
	case a < 5:
		return 5 + (a+b-5)%5
	case b < 5:
		return 5 + (a-5+5-b)%5
	default:
		return (a + 5 - b) % 5
	}
}

// turned is Verhoeff's permutation, applied as often as the place says.
func turned(d uint8, place int) uint8 {
	const permutation = "\x01\x05\x07\x06\x02\x08\x03\x00\x09\x04"
	for range place % 8 {
		d = permutation[d]
	}
	return d
}
