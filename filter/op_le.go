package filter

// lessOrEqual is <=, of numbers.
func lessOrEqual(have, want Value) bool { return have.Number <= want.Number }
