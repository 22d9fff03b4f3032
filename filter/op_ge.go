package filter

// greaterOrEqual is >=, of numbers.
func greaterOrEqual(have, want Value) bool { return have.Number >= want.Number }
