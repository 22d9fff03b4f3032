package index

import "github.com/roentgen/roentgen"

// summary adds what stands outside of braces.
func (b *Builder) summary(r *roentgen.Rows) {
	s := r.Summary
	for i := range s.Annotations {
		b.annotation(&s.Annotations[i].Annotation)
	}
	for i := range s.Users {
		b.text(codeUser, s.Users[i].Name)
	}
	b.texts(codeZone, s.Zones)
	b.texts(codeInstance, s.InstanceIDs)
	b.texts(codeARN, s.ResourceARNs)
	root := s.Root
	if root == nil {
		return
	}
	b.now |= outcomes(roentgen.Flags{Error: root.Error, Throttle: root.Throttle, Fault: root.Fault}, rootOK)
	if root.HTTP != nil {
		b.request(root.HTTP, codeRootURL)
		b.request(root.HTTP, codeURL)
	}
}

// texts reports whether any is news.
func (b *Builder) texts(c code, list []string) bool {
	news := false
	for _, s := range list {
		news = b.text(c, s) || news
	}
	return news
}

// request adds a request to the five fields that begin with that of its URL.
func (b *Builder) request(h *roentgen.HTTP, url code) {
	b.text(url, h.URL)
	b.text(url+1, h.Method)
	b.text(url+2, h.UserAgent)
	b.text(url+3, h.ClientIP)
	b.status(url+4, h.Status)
}

func (b *Builder) segments(r *roentgen.Rows) {
	longest := b.longest(r.Summary)
	for i := range r.Segments {
		s := &r.Segments[i]
		b.now |= segmentAny | outcomes(s.Flags, segmentOK)
		b.set(longer, s.Duration.Known && !(s.Duration.Value <= longest))
		if s.Node != nil {
			b.set(segmentInferred, s.Node.Inferred)
			b.set(segmentRoot, s.Node.Root)
		}
		if s.HTTP != nil && (r.Summary.Root == nil || s.HTTP != r.Summary.Root.HTTP) {
			b.request(s.HTTP, codeURL)
		}
		news := b.text(codeUser, s.User)
		news = b.text(codeZone, s.Zone) || news
		news = b.text(codeInstance, s.InstanceID) || news
		news = b.texts(codeARN, s.ResourceARNs) || news
		news = b.annotations(s.Annotations) || news
		b.set(extra, news)
	}
}

// longest is the span of the trace in seconds; -1 where it is not known.
func (b *Builder) longest(s *roentgen.Summary) float64 {
	if s.End == 0 {
		return -1
	}
	return float64(span(s.Start, s.End)) / 1e9
}

func (b *Builder) annotations(list []roentgen.Annotation) bool {
	news := false
	for i := range list {
		news = b.annotation(&list[i]) || news
	}
	return news
}

func (b *Builder) calls(r *roentgen.Rows) {
	longest := b.longest(r.Summary)
	for i := range r.Calls {
		c := &r.Calls[i]
		b.now |= callAny | outcomes(c.Flags, callOK)
		b.set(longer, c.Duration.Known && !(c.Duration.Value <= longest))
		if c.HTTP != nil && (c.Callee == nil || c.HTTP != c.Callee.HTTP) {
			b.request(c.HTTP, codeURL)
		}
		if len(c.Annotations) > 0 && (c.Callee == nil || !sameList(c.Annotations, c.Callee.Annotations)) {
			b.set(extra, b.annotations(c.Annotations))
		}
	}
}

// sameList says whether two lists are one in memory.
func sameList(a, b []roentgen.Annotation) bool { return len(a) == len(b) && &a[0] == &b[0] }

// nodeMark is a node of the row that is added, and its term.
type nodeMark struct {
	row  *roentgen.NodeRow
	term uint32
	ok   bool
}

// graph adds the nodes and edges.
func (b *Builder) graph(r *roentgen.Rows) {
	b.nodes = b.nodes[:0]
	for i := range r.Nodes {
		n := &r.Nodes[i]
		b.set(someInferred, n.Inferred)
		at, ok := b.node(n, r.Account)
		b.nodes = append(b.nodes, nodeMark{n, at, ok})
	}
	for _, e := range r.Edges {
		if e.Source == nil || e.Destination == nil {
			continue // chosen by no selector
		}
		b.edge(e, r)
	}
}

// node notes one. Where there is no room for it the row is wild.
func (b *Builder) node(n *roentgen.NodeRow, account string) (at uint32, ok bool) {
	at, ok, b.spare = b.table.node(b.table.fixedField(codeNode), n, account, b.spare, b.roomForNodes())
	if !ok {
		b.now |= wild
		return 0, false
	}
	b.mark(at)
	return at, true
}

// edge notes one, by the terms of its nodes.
func (b *Builder) edge(e roentgen.EdgeRow, r *roentgen.Rows) {
	from, ok := b.termOf(e.Source, r)
	to, too := b.termOf(e.Destination, r)
	if ok && too {
		var at uint32
		if at, _, ok = b.table.pair(b.table.fixedField(codeEdge), edgeTerm, from, to, b.roomForNodes()); ok {
			b.mark(at)
			return
		}
	}
	b.now |= wild
}

// termOf finds the term of a node, which is one of the rows' as a rule.
func (b *Builder) termOf(n *roentgen.NodeRow, r *roentgen.Rows) (uint32, bool) {
	for i := range b.nodes {
		if b.nodes[i].row == n {
			return b.nodes[i].term, b.nodes[i].ok
		}
		if i > 64 {
			break // hashing is quicker
		}
	}
	return b.node(n, r.Account)
}

func (b *Builder) causes(r *roentgen.Rows) {
	for kind, list := range [...][]roentgen.CauseRow{r.FaultCauses, r.ErrorCauses, r.ResponseTimeCauses} {
		if len(list) > 0 {
			b.now |= faultCauses << kind
		}
		for i := range list {
			b.cause(code(kind), &list[i])
		}
	}
}

func (b *Builder) cause(kind code, c *roentgen.CauseRow) {
	for i := range c.Services {
		s := &c.Services[i]
		b.text(codeCauseService+kind, s.Name)
		for j := range s.Entities {
			e := &s.Entities[j]
			b.text(codeCauseEntity+kind, e.Name)
			for k := range e.Exceptions {
				// Those of response times cannot be asked for.
				if kind < 2 {
					b.text(codeException+kind, e.Exceptions[k].Name)
					b.text(codeMessage+kind, e.Exceptions[k].Message)
				}
			}
		}
	}
}
