package tail

import (
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
)

// template is a segment document whose ids and times are written in for each segment. Writing in costs a fraction of a
// microsecond, so that the generator leaves the processors to those who are measured.
type template struct {
	text  []byte
	holes []hole
}

type hole struct {
	at   int
	what holeKind
	part int // of the segment's time, in thousandths, for times of subsegments
}

type holeKind uint8

const (
	holeTrace   holeKind = iota // 35 characters
	holeID                      // 16
	holeParent                  // 16
	holeFresh                   // 16: an id of a subsegment, or anything else that differs each time
	holeTime                    // 17: seconds with six decimals
	holeOutcome                 // 3: a status
	holeFault                   // 17: the fault and a word about it, which make up for each other's length
)

// Marks in the text that holes are found by. They are as long as what is written there.
const (
	markTrace   = "1-TTTTTTTT-TTTTTTTTTTTTTTTTTTTTTTTT"
	markID      = "IIIIIIIIIIIIIIII"
	markParent  = "PPPPPPPPPPPPPPPP"
	markFresh   = "FFFFFFFFFFFFFFFF"
	markOutcome = "OOO"
	markFault   = "WRONGWRONGWRONGWR"
)

// markTime stands for a time, part thousandths into the segment.
func markTime(part int) string { return fmt.Sprintf("@@@@@@@@@@@@@%04d", part) }

// newTemplate finds the holes of a text.
func newTemplate(text string) *template {
	t := &template{text: []byte(text)}
	for i := 0; i < len(text); i++ {
		for what, mark := range [...]string{markTrace, markID, markParent, markFresh, "@@@@@@@@@@@@@", markOutcome, markFault} {
			if !strings.HasPrefix(text[i:], mark) {
				continue
			}
			h := hole{at: i, what: holeKind(what)}
			if h.what == holeTime {
				h.part, _ = strconv.Atoi(text[i+13 : i+17]) // written by markTime
			}
			t.holes = append(t.holes, h)
			i += len(mark) - 1
			break
		}
	}
	return t
}

// write appends the document of one part of a request.
func (t *template) write(dst []byte, r *request, p *part, fails bool, chance *rand.Rand) []byte {
	from := len(dst)
	dst = append(dst, t.text...)
	b := dst[from:]
	for _, h := range t.holes {
		switch at := b[h.at:]; h.what {
		case holeTrace:
			hex.Encode(at[2:], r.id[:4])
			hex.Encode(at[11:], r.id[4:])
		case holeID:
			hex.Encode(at, p.id[:])
		case holeParent:
			hex.Encode(at, p.parent[:])
		case holeFresh:
			writeFresh(at, chance.Uint64())
		case holeTime:
			writeTime(at, p.start+(p.end-p.start)*int64(h.part)/1000)
		case holeOutcome:
			copy(at, "200")
			if fails {
				copy(at, "500")
			}
		case holeFault:
			copy(at, `false,"note":"ok"`)
			if fails {
				copy(at, `true,"note":"bad"`)
			}
		}
	}
	return dst
}

func writeFresh(b []byte, x uint64) {
	const digits = "0123456789abcdef"
	for i := range 16 {
		b[i] = digits[x>>(60-4*i)&15]
	}
}

// writeTime writes Unix nanoseconds as seconds with six decimals: 17 characters until the year 2286.
func writeTime(b []byte, ns int64) {
	micros := ns / 1000
	for i := 16; i >= 0; i-- {
		if i == 10 {
			b[i] = '.'
			continue
		}
		b[i] = byte('0' + micros%10)
		micros /= 10
	}
}

// documentTemplates are documents of 1 to 3 kB, as services with two to six calls of each kind send them.
func documentTemplates(chance *rand.Rand) (roots, others []*template) {
	for i := range 24 {
		roots = append(roots, newTemplate(documentText(chance, i, true)))
		others = append(others, newTemplate(documentText(chance, i, false)))
	}
	return roots, others
}

var services = [...]string{"web", "orders", "payments", "stock", "mail", "search", "accounts", "reports"}
var tables = [...]string{"orders", "order_lines", "customers", "payments", "stock", "sessions"}

func documentText(chance *rand.Rand, n int, root bool) string {
	var b strings.Builder
	service := services[n%len(services)]
	fmt.Fprintf(&b, `{"name":"%s","id":"%s","trace_id":"%s","start_time":%s,"end_time":%s`, service, markID, markTrace, markTime(0), markTime(1000))
	if !root {
		fmt.Fprintf(&b, `,"parent_id":"%s"`, markParent)
	}
	fmt.Fprintf(&b, `,"origin":"AWS::ECS::Container","service":{"version":"2.%d.1","compiler":"gc","compiler_version":"go1.26"}`, n)
	fmt.Fprintf(&b, `,"aws":{"ecs":{"container":"%s-%d"},"xray":{"sdk":"X-Ray for Go","sdk_version":"1.8.5","auto_instrumentation":false}}`, service, n)
	fmt.Fprintf(&b, `,"http":{"request":{"method":"POST","url":"https://shop.example.in/%s/%s","user_agent":"Mozilla/5.0 (X11; Linux x86_64)","client_ip":"10.0.%d.21"},"response":{"status":%s,"content_length":%d}}`,
		service, tables[n%len(tables)], n, markOutcome, 100+chance.IntN(9000))
	fmt.Fprintf(&b, `,"annotations":{"endpoint":"/%s","tenant":"t-%02d","request":"%s"}`, service, n, markFresh)
	fmt.Fprintf(&b, `,"metadata":{"default":{"cache.hit":%t,"queue.depth":%d,"worker":"w-%d","session":"%s%s"}}`, n%2 == 0, chance.IntN(40), n%8, markFresh, markFresh)
	fmt.Fprintf(&b, `,"fault":%s,"subsegments":[`, markFault)
	for i := range 2 + n%4 {
		if i > 0 {
			b.WriteByte(',')
		}
		begin := 50 + 150*i
		table := tables[(n+i)%len(tables)]
		fmt.Fprintf(&b, `{"name":"shop@db-%d.internal","id":"%s","start_time":%s,"end_time":%s,"namespace":"remote","sql":{"url":"db-%d.internal:3306/shop","database_type":"mysql","user":"shop","sanitized_query":"SELECT id, status, created_at, total FROM %s WHERE tenant = ? AND id = ? ORDER BY created_at DESC LIMIT 20"},"metadata":{"default":{"rows":%d,"pool.in_use":%d}}}`,
			n%3, markFresh, markTime(begin), markTime(begin+100+chance.IntN(40)), n%3, table, chance.IntN(20), chance.IntN(12))
	}
	b.WriteString("]}")
	return b.String()
}
