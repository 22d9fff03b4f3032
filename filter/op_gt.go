package filter

// greater is >, of numbers.
func greater(have, want Value) bool { return have.Number > want.Number }
