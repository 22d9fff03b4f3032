package wire

// objectWriter appends members of JSON objects. Texts that are empty are left
// out.
type objectWriter struct{ b []byte }

// comma separates a member from the one before it.
func (w *objectWriter) comma() {
	if n := len(w.b); n > 0 && w.b[n-1] != '{' && w.b[n-1] != '[' && w.b[n-1] != ',' {
		w.b = append(w.b, ',')
	}
}

// key begins a member; name needs no escapes.
func (w *objectWriter) key(name string) {
	w.comma()
	w.b = append(append(append(w.b, '"'), name...), '"', ':')
}

// open begins a member that is an object.
func (w *objectWriter) open(name string) {
	w.key(name)
	w.b = append(w.b, '{')
}

func (w *objectWriter) close() { w.b = append(w.b, '}') }

func (w *objectWriter) text(name, value string) {
	if value != "" {
		w.key(name)
		w.b = AppendString(w.b, value)
	}
}

func (w *objectWriter) bytes(name string, value []byte) {
	if len(value) > 0 {
		w.key(name)
		w.b, _, _ = appendText(w.b, value)
	}
}

// raw appends a member whose value is JSON already.
func (w *objectWriter) raw(name string, value []byte) {
	w.key(name)
	w.b = append(w.b, value...)
}
