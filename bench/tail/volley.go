package tail

import (
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"net"

	"golang.org/x/net/ipv4"
)

// volleySize is how many datagrams go in one system call: what offers them is to
// leave the processor to the agent.
const volleySize = 32

// volley sends datagrams to an agent, several in a call.
type volley struct {
	conn      *ipv4.PacketConn
	chance    *rand.Rand
	messages  [volleySize]ipv4.Message
	plain     [volleySize][]byte // datagrams with another header
	undecided int64              // of ten
	n         int
}

func newVolley(conn net.PacketConn, chance *rand.Rand, undecided int) *volley {
	v := &volley{conn: ipv4.NewPacketConn(conn), chance: chance, undecided: int64(undecided)}
	for i := range v.messages {
		v.messages[i].Buffers = [][]byte{nil}
	}
	return v
}

// add puts a datagram with fresh ids into the volley. The datagram must not come again
// within it.
func (v *volley) add(number int64, d *datagram) error {
	var fresh [16]byte
	writeFresh(fresh[:], v.chance.Uint64())
	copy(d.text[d.trace:d.trace+16], fresh[:])
	hex.Encode(d.text[d.id:d.id+16], fresh[:8])
	out := d.text
	if number%10 >= v.undecided {
		out = append(append(v.plain[v.n][:0], headerSampled...), d.text[len(headerUndecided):]...)
		v.plain[v.n] = out
	}
	v.messages[v.n].Buffers[0] = out
	if v.n++; v.n == volleySize {
		return v.fire()
	}
	return nil
}

// fire sends what there is.
func (v *volley) fire() error {
	for gone := 0; gone < v.n; {
		n, err := v.conn.WriteBatch(v.messages[gone:v.n], 0)
		if err != nil {
			return fmt.Errorf("send to the agent: %w", err)
		}
		gone += n
	}
	v.n = 0
	return nil
}
