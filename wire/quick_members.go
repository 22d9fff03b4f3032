package wire

import "encoding/binary"

// entityMember is a member of a segment or subsegment that is read.
type entityMember uint8

const (
	noMember entityMember = iota
	memberName
	memberID
	memberStart
	memberEnd
	memberInProgress
	memberTrace
	memberParent
	memberType
	memberSubsegments
	memberMetadata
	memberService
	memberError
	memberThrottle
	memberFault
	memberNamespace
	memberOrigin
	memberUser
	memberResourceARN
	memberHTTP
	memberAWS
	memberSQL
	memberCause
	memberAnnotations
	memberLinks
	memberTraced
)

// namedMember is the only member whose name has a hash.
type namedMember struct {
	name   string
	member entityMember
}

// entityMembers has each at the hash of its name: a switch over strings is
// several wrong guesses of the processor for each member, this is one.
var entityMembers = func() (table [hashes]namedMember) {
	for i, name := range [...]string{
		"name", "id", "start_time", "end_time", "in_progress", "trace_id", "parent_id", "type", "subsegments", "metadata", "service",
		"error", "throttle", "fault", "namespace", "origin", "user", "resource_arn", "http", "aws", "sql", "cause", "annotations", "links", "traced",
	} {
		at := hashOf([]byte(name))
		if table[at].name != "" {
			panic("two members of an entity have the same hash: choose another hashFactor")
		}
		table[at] = namedMember{name, memberName + entityMember(i)}
	}
	return table
}()

// hashes is how many hashes of keys there are, a bit of a word for each.
const hashes = 64

// hashFactor was found by trying: with it the members of an entity have hashes
// of their own.
const hashFactor = 0xc8b7d07ddeccff45

// hashOf returns the hash of a key, by its last eight bytes.
func hashOf(key []byte) uint8 {
	var last [8]byte
	copy(last[max(0, 8-len(key)):], key[max(0, len(key)-8):])
	return hashOfLast(binary.LittleEndian.Uint64(last[:]), len(key))
}

// hashOfLast is hashOf for a key of n bytes that w ends with.
func hashOfLast(w uint64, n int) uint8 {
	return uint8(w >> (64 - 8*uint(min(n, 8))) * hashFactor >> 58)
}
