package filter

// equal is =. Texts are compared byte by byte: X-Ray's documentation leaves open whether case counts; here it does.
func equal(have, want Value) bool { return have == want }
