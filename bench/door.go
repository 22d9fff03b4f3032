package bench

import (
	"fmt"
	"slices"
	"strings"
)

// Door is a way into a server.
type Door string

// The doors.
const (
	Put      Door = "put"       // X-Ray's PutTraceSegments
	UDP      Door = "udp"       // datagrams, as to the X-Ray daemon; nothing is acknowledged
	OTLPHTTP Door = "otlp-http" // protobuf over HTTP
	OTLPGRPC Door = "otlp-grpc"
)

// Doors are all of them.
func Doors() []Door { return []Door{Put, UDP, OTLPHTTP, OTLPGRPC} }

// ParseDoor reads a door's name.
func ParseDoor(name string) (Door, error) {
	if d := Door(name); slices.Contains(Doors(), d) {
		return d, nil
	}
	names := make([]string, 0, len(Doors()))
	for _, d := range Doors() {
		names = append(names, string(d))
	}
	return "", fmt.Errorf("door %q is not one of %s", name, strings.Join(names, ", "))
}

// otlp says whether the door takes spans rather than documents.
func (d Door) otlp() bool { return d == OTLPHTTP || d == OTLPGRPC }

// Batch is how many documents or spans go into one request.
type Batch struct{ Documents, Spans int }

// DefaultBatch is what SDKs and collectors send.
func DefaultBatch() Batch { return Batch{Documents: 50, Spans: 512} }
