package index

import (
	"math"

	"github.com/cespare/xxhash/v2"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/filter"
)

// code names what a field of the inverted index is about. The numbers are part of the format.
type code uint8

const (
	codeAnnotation code = 1 + iota // with a key; of the whole trace
	codeUser                       // of the whole trace, as are the next three
	codeZone
	codeInstance
	codeARN
	// The request of the root.
	codeRootURL
	codeRootMethod
	codeRootAgent
	codeRootClient
	codeRootStatus
	// The requests of all segments and calls.
	codeURL
	codeMethod
	codeAgent
	codeClient
	codeStatus
	codeNode // values are nodes, see nodeValue
	codeEdge // values are pairs of nodes
	// Of each kind of root cause, in the order of filter.CauseKind: the names of services and entities, and of
	// exceptions, with their messages.
	codeCauseService
	_
	_
	codeCauseEntity
	_
	_
	codeException
	_
	codeMessage
	_

	// Those are hashed only and are never fields.
	codeKey      // that there is an annotation with the key
	codeNodeName // a name of a node
	codeEdgeName // names of two nodes
	codeCount
)

// root says that it is a field of roots: where that has too many values, the field of all entities answers for it.
func (c code) root() bool { return c >= codeRootURL && c <= codeRootStatus }

// entities is the field that answers for a root's.
func (c code) entities() code { return c + (codeURL - codeRootURL) }

// textCode returns the field of a keyword; false where there is none.
func textCode(k filter.Keyword, s filter.Scope) (code, bool) {
	switch k {
	case filter.KeywordUser:
		return codeUser, true
	case filter.KeywordAvailabilityZone:
		return codeZone, true
	case filter.KeywordInstanceID:
		return codeInstance, true
	case filter.KeywordResourceARN:
		return codeARN, true
	}
	c, ok := requestCode(k)
	if ok && s != filter.ScopeTrace {
		c = c.entities()
	}
	return c, ok
}

func requestCode(k filter.Keyword) (code, bool) {
	switch k {
	case filter.KeywordHTTPURL:
		return codeRootURL, true
	case filter.KeywordHTTPMethod:
		return codeRootMethod, true
	case filter.KeywordHTTPUserAgent:
		return codeRootAgent, true
	case filter.KeywordHTTPClientIP:
		return codeRootClient, true
	case filter.KeywordHTTPStatus:
		return codeRootStatus, true
	}
	return 0, false
}

// The hash of a term is 64 bits of its field and its value. It is part of the format: bloom filters and hashed terms
// are made of it.

// fieldSeed is what a field gives to the hashes of its values.
func fieldSeed(c code, key string) uint64 {
	return (xxhash.Sum64String(key) + uint64(c)) * 0x9e3779b97f4a7c15
}

func hashText(seed uint64, s string) uint64 { return scatter(seed ^ xxhash.Sum64String(s)) }

// hashPair is for two texts, in this order.
func hashPair(seed uint64, a, b string) uint64 { return hashText(hashText(seed, a), b) }

// Numbers and booleans are kept apart from each other and, but for chance, from texts.
const (
	numberSalt = 0xd1b54a32d192ed03
	boolSalt   = 0x8cb92ba72f3d8dd7
)

func hashNumber(seed uint64, bits uint64) uint64 { return scatter(seed ^ scatter(bits+numberSalt)) }

func hashBool(seed uint64, b bool) uint64 {
	if b {
		return scatter(seed ^ (boolSalt + 1))
	}
	return scatter(seed ^ boolSalt)
}

func hashValue(seed uint64, v roentgen.AnnotationValue) uint64 {
	switch v.Kind {
	case roentgen.NumberValue:
		return hashNumber(seed, numberBits(v.Number))
	case roentgen.BoolValue:
		return hashBool(seed, v.Bool)
	}
	return hashText(seed, v.String)
}

// numberBits are equal for equal numbers.
func numberBits(n float64) uint64 { return math.Float64bits(n + 0) }

// scatter is the finalizer of splitmix64.
func scatter(n uint64) uint64 {
	n = (n ^ n>>30) * 0xbf58476d1ce4e5b9
	n = (n ^ n>>27) * 0x94d049bb133111eb
	return n ^ n>>31
}
