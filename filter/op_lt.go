package filter

// less is <, of numbers.
func less(have, want Value) bool { return have.Number < want.Number }
