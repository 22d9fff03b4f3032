package graph

import (
	"encoding/binary"
	"hash/maphash"
	"math/bits"
	"strings"

	"github.com/roentgen/roentgen"
)

// names gives the nodes of documents their numbers in a book. What names a node
// is hashed as it stands in the document, so that its name is made once.
type names struct {
	book  *book
	seed  maphash.Seed
	known map[uint64]uint32 // by hash
}

// maxKnown is how many ways to say a name are remembered: those of the services
// and calls of a host are few, unless somebody puts the request into them.
const maxKnown = 16_384

func newNames(b *book) names {
	return names{book: b, seed: maphash.MakeSeed(), known: map[uint64]uint32{}}
}

// What is named, so that no two names of different kinds have one hash.
const (
	ofService uint64 = iota + 1
	ofClient
	ofBalancer
	ofCallee
)

// hasher mixes texts into a hash, one after the other.
type hasher struct {
	seed maphash.Seed
	sum  uint64
}

func (h *hasher) add(s string) {
	h.sum = bits.RotateLeft64(h.sum, 23) * 0x9e3779b97f4a7c15
	if s != "" {
		h.sum ^= maphash.String(h.seed, s)
	}
}

func (n *names) hash(kind uint64, s *roentgen.Segment) hasher {
	h := hasher{n.seed, kind}
	h.add(s.Name)
	h.add(s.Origin)
	if s.AWS != nil {
		h.add(s.AWS.AccountID)
	}
	return h
}

func (n *names) service(by *namer, s *roentgen.Segment) uint32 {
	h := n.hash(ofService, s)
	if number, ok := n.known[h.sum]; ok {
		return number
	}
	return n.learn(h.sum, by.service(s))
}

func (n *names) client(by *namer, s *roentgen.Segment) uint32 {
	h := n.hash(ofClient, s)
	if number, ok := n.known[h.sum]; ok {
		return number
	}
	return n.learn(h.sum, by.client(s))
}

// balancer names that of s, which stands behind one.
func (n *names) balancer(s *roentgen.Segment) uint32 {
	h := hasher{n.seed, ofBalancer}
	if s.HTTP != nil {
		h.add(hostOf(s.HTTP.URL))
	}
	if number, ok := n.known[h.sum]; ok {
		return number
	}
	id, _ := balancer(s)
	return n.learn(h.sum, id)
}

func (n *names) callee(by *namer, c, owner *roentgen.Segment) uint32 {
	h := n.hash(ofCallee+uint64(c.Namespace)<<8, c)
	if a := c.AWS; a != nil {
		for _, s := range [...]string{a.TableName, a.BucketName, a.QueueURL, a.TopicARN, a.FunctionName} {
			h.add(s)
		}
	}
	if c.SQL != nil {
		h.add("sql")
		h.add(c.SQL.URL)
		h.add(c.SQL.ConnectionString)
		h.add(c.SQL.DatabaseType)
	}
	if owner != nil {
		if owner.AWS != nil {
			h.add(owner.AWS.AccountID)
		}
		if owner.Name == c.Name && c.HTTP != nil {
			h.add("host")
			h.add(hostOf(c.HTTP.URL))
		}
	}
	if number, ok := n.known[h.sum]; ok {
		return number
	}
	return n.learn(h.sum, by.callee(c, owner).ServiceID)
}

// hostOf returns the part of a URL that may name a node.
func hostOf(url string) string {
	_, rest, _ := strings.Cut(url, "://")
	return authority(rest)
}

// learn gives id a number, and remembers it by hash.
func (n *names) learn(hash uint64, id roentgen.ServiceID) uint32 {
	if len(n.known) >= maxKnown {
		clear(n.known)
	}
	if _, there := n.book.services.numbers[id]; !there {
		id = roentgen.ServiceID{Name: strings.Clone(id.Name), Type: strings.Clone(id.Type), AccountID: strings.Clone(id.AccountID)}
	}
	number := n.book.number(id)
	n.known[hash] = number
	return number
}

// recent remembers the documents that came last, one at each place.
type recent []uint64

// recentDocuments is a power of two: at 20,000 documents a second, what came
// again within one.
const recentDocuments = 1 << 15

// again reports whether the document has come, and remembers it.
func (r recent) again(s *roentgen.Segment) bool {
	h := binary.LittleEndian.Uint64(s.Trace[8:])
	h = scatter(scatter(h^binary.LittleEndian.Uint64(s.Trace[:8]))^key(s.ID)) | 1 // 0 stands for none
	at := &r[h>>1&(recentDocuments-1)]
	if *at == h {
		return true
	}
	*at = h
	return false
}
