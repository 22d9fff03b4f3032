package api

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/query"
)

// A paging token is, in URL-safe base64: version (1 byte), clock of the last
// trace examined (8 bytes, big endian), its id (16), and 8 bytes of a hash
// over every other input of the call, so that a token is good for the
// question that it answers and no other.
const (
	tokenVersion = 1
	tokenLen     = 1 + 8 + 16 + 8
)

// questionOf hashes what a token is bound to.
func questionOf(q query.SummaryQuery) [8]byte {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d %d %d %g", q.Window.Clock, q.Window.From, q.Window.To, q.Share))
	return [8]byte(sum[:8])
}

func formatToken(p roentgen.Place, question [8]byte) string {
	b := append(make([]byte, 0, tokenLen), tokenVersion)
	b = binary.BigEndian.AppendUint64(b, uint64(p.At))
	b = append(append(b, p.Trace[:]...), question[:]...)
	return base64.RawURLEncoding.EncodeToString(b)
}

func parseToken(token string, question [8]byte) (*roentgen.Place, error) {
	b, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(b) != tokenLen || b[0] != tokenVersion {
		return nil, roentgen.Invalidf("Invalid token: it is not one that this server gave; start without NextToken")
	}
	if [8]byte(b[25:]) != question {
		return nil, roentgen.Invalidf("Invalid token: it belongs to a call with other parameters; repeat the parameters of the first page, or start without NextToken")
	}
	return &roentgen.Place{At: roentgen.Time(binary.BigEndian.Uint64(b[1:9])), Trace: roentgen.TraceID(b[9:25])}, nil
}
