package bench

import (
	"encoding/binary"

	"google.golang.org/protobuf/encoding/protowire"
)

// otlpPacker makes ExportTraceServiceRequests, each of one service's spans, as
// that service's exporter sends them.
type otlpPacker struct {
	add     addFunc
	most    int
	framed  bool // with gRPC's five bytes in front
	writer  spanWriter
	span    []byte
	request []byte
	waiting [serviceCount]struct {
		fields []byte
		spans  int
	}
}

func (p *otlpPacker) trace(t *Trace) error {
	for i := range t.Spans {
		s := &t.Spans[i]
		p.span = p.writer.span(p.span[:0], t, s)
		w := &p.waiting[s.Service]
		w.fields = protowire.AppendTag(w.fields, scopeSpansSpans, protowire.BytesType)
		w.fields = protowire.AppendBytes(w.fields, p.span)
		if w.spans++; w.spans == p.most {
			if err := p.pack(s.Service); err != nil {
				return err
			}
		}
	}
	return nil
}

func (p *otlpPacker) end() error {
	for service := range p.waiting {
		if err := p.pack(service); err != nil {
			return err
		}
	}
	return nil
}

// grpcFrame is what stands before a message in gRPC: 0 for not compressed, and
// four bytes of length.
const grpcFrame = 5

func (p *otlpPacker) pack(service int) error {
	w := &p.waiting[service]
	if w.spans == 0 {
		return nil
	}
	p.request = p.request[:0]
	if p.framed {
		p.request = append(p.request, make([]byte, grpcFrame)...)
	}
	p.request = p.writer.request(p.request, service, w.fields)
	if p.framed {
		binary.BigEndian.PutUint32(p.request[1:], uint32(len(p.request)-grpcFrame))
	}
	err := p.add(p.request, w.spans, 0)
	w.fields, w.spans = w.fields[:0], 0
	return err
}
