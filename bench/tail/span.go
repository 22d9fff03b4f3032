package tail

import (
	"encoding/binary"
	"math/rand/v2"

	"google.golang.org/protobuf/encoding/protowire"
)

// spanWriter writes parts of requests as OTLP spans (opentelemetry-proto, trace/v1).
type spanWriter struct{ attr, span, state []byte }

// write appends a field ScopeSpans.spans with the span of one part, about 1 kB. check is the value of an attribute that no other span has.
func (w *spanWriter) write(dst []byte, r *request, p *part, fails bool, check uint64, chance *rand.Rand) []byte {
	service := services[int(p.id[0])%len(services)]
	table := tables[int(p.id[1])%len(tables)]
	b := w.span[:0]
	b = bytesField(b, 1, r.id[:])
	b = bytesField(b, 2, p.id[:])
	if !p.parent.IsZero() {
		b = bytesField(b, 4, p.parent[:])
	}
	b = textField(b, 5, "POST /"+service+"/"+table)
	b = protowire.AppendVarint(protowire.AppendTag(b, 6, protowire.VarintType), 2) // a server's
	b = protowire.AppendFixed64(protowire.AppendTag(b, 7, protowire.Fixed64Type), uint64(p.start))
	b = protowire.AppendFixed64(protowire.AppendTag(b, 8, protowire.Fixed64Type), uint64(p.end))
	var fresh [16]byte
	writeFresh(fresh[:], check)
	for _, kv := range [...][2]string{
		{"bench.check", string(fresh[:])}, {"http.request.method", "POST"}, {"url.path", "/" + service + "/" + table},
		{"url.scheme", "https"}, {"server.address", service + ".internal"}, {"client.address", "10.0.4.21"},
		{"user_agent.original", "Mozilla/5.0 (X11; Linux x86_64)"}, {"network.protocol.version", "1.1"},
		{"db.system", "mysql"}, {"db.name", "shop"}, {"db.operation", "SELECT"}, {"thread.name", "worker-7"},
		{"code.function.name", service + ".(*Server).handle"}, {"deployment.id", "2026-11-29-4"}, {"tenant", "t-" + string(fresh[:2])},
	} {
		b = w.text(b, kv[0], kv[1])
	}
	b = w.number(b, "http.request.body.size", uint64(chance.IntN(9000)))
	b = w.number(b, "db.rows", uint64(chance.IntN(20)))
	b = w.number(b, "queue.depth", uint64(chance.IntN(40)))
	if fails {
		b = w.number(b, "http.response.status_code", 500)
		state := textField(w.state[:0], 2, "the shop is closed")
		state = protowire.AppendVarint(protowire.AppendTag(state, 3, protowire.VarintType), 2)
		b, w.state = bytesField(b, 15, state), state
	} else {
		b = w.number(b, "http.response.status_code", 200)
	}
	w.span = b
	return bytesField(dst, 2, b)
}

func (w *spanWriter) text(b []byte, key, value string) []byte {
	a := textField(w.attr[:0], 1, key)
	a = protowire.AppendVarint(protowire.AppendTag(a, 2, protowire.BytesType), uint64(1+protowire.SizeBytes(len(value))))
	w.attr = textField(a, 1, value)
	return bytesField(b, 9, w.attr)
}

func (w *spanWriter) number(b []byte, key string, value uint64) []byte {
	a := textField(w.attr[:0], 1, key)
	a = protowire.AppendVarint(protowire.AppendTag(a, 2, protowire.BytesType), uint64(1+protowire.SizeVarint(value)))
	w.attr = protowire.AppendVarint(protowire.AppendTag(a, 3, protowire.VarintType), value)
	return bytesField(b, 9, w.attr)
}

// exportRequest wraps spans as ExportTraceServiceRequest of one service.
func exportRequest(dst []byte, host string, spans []byte) []byte {
	var w spanWriter
	attrs := w.text(nil, "service.name", "shop")
	attrs = w.text(attrs, "host.name", host)
	// Resource.attributes is field 1, a span's is field 9: the pairs are the same.
	var resource []byte
	for rest := attrs; len(rest) > 0; {
		_, _, n := protowire.ConsumeTag(rest)
		pair, m := protowire.ConsumeBytes(rest[n:])
		resource = bytesField(resource, 1, pair)
		rest = rest[n+m:]
	}
	all := bytesField(nil, 1, resource)
	all = bytesField(all, 2, spans)
	return bytesField(dst, 1, all)
}

func bytesField(b []byte, n protowire.Number, v []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(b, n, protowire.BytesType), v)
}

func textField(b []byte, n protowire.Number, v string) []byte {
	return protowire.AppendString(protowire.AppendTag(b, n, protowire.BytesType), v)
}

// checkOf is a number that a part's span carries; it follows from the part's id.
func checkOf(p *part) uint64 {
	return (binary.BigEndian.Uint64(p.id[:]) ^ 0x9e37_79b9_7f4a_7c15) * 0xbf58_476d_1ce4_e5b9
}
