package index

import (
	"encoding/binary"

	"github.com/roentgen/roentgen"
)

// The value of a node in the inverted index is its name, its type, its account, the account that owns the trace where
// it has none, and its other names: each as its length and its bytes.

func appendNode(dst []byte, n *roentgen.NodeRow, account string) []byte {
	owner := account
	if n.AccountID != "" {
		owner = ""
	}
	dst = appendText(dst, n.Name)
	dst = appendText(dst, n.Type)
	dst = appendText(dst, n.AccountID)
	dst = appendText(dst, owner)
	for _, name := range n.Names {
		dst = appendText(dst, name)
	}
	return dst
}

func appendText(dst []byte, s string) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(s))), s...)
}

// nodeValue is a node as it was written. Names that are asked for are the caller's to keep.
type nodeValue struct {
	roentgen.NodeRow
	owner string
}

// parseNode reads one; names is memory for its other names.
func parseNode(b string, names []string) (n nodeValue, ok bool) {
	for _, to := range []*string{&n.Name, &n.Type, &n.AccountID, &n.owner} {
		if *to, b, ok = cutText(b); !ok {
			return n, false
		}
	}
	for len(b) > 0 {
		var name string
		if name, b, ok = cutText(b); !ok {
			return n, false
		}
		names = append(names, name)
	}
	n.Names = names
	return n, true
}

func cutText(b string) (s, rest string, ok bool) {
	n, size := uvarint(b)
	if size <= 0 || n > uint64(len(b)-size) {
		return "", "", false
	}
	return b[size : size+int(n)], b[size+int(n):], true
}

// eachName calls fn with the names that the node answers to.
func (n *nodeValue) eachName(fn func(string)) {
	fn(n.Name)
	for _, name := range n.Names {
		fn(name)
	}
}

// uvarint is binary.Uvarint of a text, for lengths: it gives up beyond 28 bits.
func uvarint(s string) (n uint64, size int) {
	for i := 0; i < len(s) && i < 4; i++ {
		n |= uint64(s[i]&0x7f) << (7 * i)
		if s[i] < 0x80 {
			return n, i + 1
		}
	}
	return 0, 0
}
