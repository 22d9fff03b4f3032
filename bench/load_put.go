package bench

// putPacker makes bodies of PutTraceSegments: documents as JSON strings in a
// list.
type putPacker struct {
	add              addFunc
	most             int
	scratch, body    []byte
	documents, spans int
}

func (p *putPacker) trace(t *Trace) (err error) {
	p.scratch = t.Documents(p.scratch[:0], func(document []byte, spans int) {
		if p.documents == 0 {
			p.body = append(p.body[:0], `{"TraceSegmentDocuments":[`...)
		} else {
			p.body = append(p.body, ',')
		}
		p.body = appendQuoted(p.body, document)
		p.documents++
		p.spans += spans
		if p.documents == p.most && err == nil {
			err = p.end()
		}
	})
	return err
}

func (p *putPacker) end() error {
	if p.documents == 0 {
		return nil
	}
	err := p.add(append(p.body, "]}"...), p.spans, p.documents)
	p.documents, p.spans = 0, 0
	return err
}

// appendQuoted appends JSON text as a JSON string; it holds no control
// characters.
func appendQuoted(b, document []byte) []byte {
	b = append(b, '"')
	for _, c := range document {
		if c == '"' || c == '\\' {
			b = append(b, '\\')
		}
		b = append(b, c)
	}
	return append(b, '"')
}

// datagramPacker makes datagrams of one document each.
type datagramPacker struct {
	add                addFunc
	scratch, datagrams []byte
}

const datagramHeader = `{"format": "json", "version": 1}` + "\n"

func (p *datagramPacker) trace(t *Trace) (err error) {
	p.scratch = t.Documents(p.scratch[:0], func(document []byte, spans int) {
		p.datagrams = append(append(p.datagrams[:0], datagramHeader...), document...)
		if err == nil {
			err = p.add(p.datagrams, spans, 1)
		}
	})
	return err
}

func (p *datagramPacker) end() error { return nil }
