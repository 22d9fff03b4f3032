package filter

// notEqual is !=. It asks for a value that differs: where there is no value, neither = nor != holds.
func notEqual(have, want Value) bool { return have != want }
