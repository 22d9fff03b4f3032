package wire

import (
	"encoding/binary"

	"github.com/cespare/xxhash/v2"

	"github.com/roentgen/roentgen"
)

// documentPlan says which document of a span is to be written.
type documentPlan struct {
	id, parent roentgen.SegmentID
	kind       roentgen.Kind
	namespace  roentgen.Namespace
	name       []byte
	call       bool // with what was called: http, sql, and of aws what is not the platform
	links      bool
	moved      bool // below another parent than the span's
	beside     bool // made beside the span's own document: it does not give the span back
}

// plain is the plan for the one document of a span.
func (p *SpanParser) plain() documentPlan {
	s := &p.span
	plan := documentPlan{
		id: roentgen.SegmentID(s.id), namespace: s.namespaceOf(), name: p.nameOf(s), call: true, links: true,
	}
	if s.hasParent() {
		plan.parent = roentgen.SegmentID(s.parent)
	}
	if s.kind != kindServer && !plan.parent.IsZero() {
		plan.kind = roentgen.KindSubsegment
	}
	return plan
}

// dependency is the plan for the call of a local root, which stands below the
// segment of the service.
func (p *SpanParser) dependency() documentPlan {
	s := &p.span
	plan := p.plain()
	plan.kind, plan.parent, plan.moved = roentgen.KindSubsegment, s.serviceID(), true
	if plan.namespace == roentgen.NamespaceNone {
		plan.namespace = roentgen.NamespaceRemote
	}
	plan.links = s.kind != kindConsumer
	return plan
}

// localService is the plan for the segment of a local root that calls.
func (p *SpanParser) localService() documentPlan {
	s := &p.span
	plan := p.plain()
	plan.kind, plan.id, plan.namespace = roentgen.KindSegment, s.serviceID(), roentgen.NamespaceNone
	plan.name = p.names.firstName(s.text(keyAWSLocalService), p.resource.service, s.name)
	plan.call, plan.beside, plan.links = false, true, s.kind == kindConsumer
	return plan
}

// serviceID is the id of the segment that is made beside a local root. It
// follows from the span's, so that a span that is sent again makes the same
// documents.
func (s *spanWork) serviceID() (id roentgen.SegmentID) {
	copy(id[:], derivedID(s.id, -1))
	return id
}

// derivedID makes eight bytes, never zero, from an id and a number.
func derivedID(id []byte, n int) []byte {
	var seed [16]byte
	copy(seed[:8], id)
	binary.BigEndian.PutUint64(seed[8:], uint64(n))
	return binary.BigEndian.AppendUint64(nil, max(1, xxhash.Sum64(seed[:])))
}
