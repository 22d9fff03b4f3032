package filter

import (
	"strings"

	"github.com/roentgen/roentgen"
)

// CauseKind says what the root cause is the cause of.
type CauseKind uint8

// The kinds of root cause.
const (
	CauseOfFault CauseKind = iota
	CauseOfError
	CauseOfResponseTime
)

var causeKinds = [...]string{CauseOfFault: "fault", CauseOfError: "error", CauseOfResponseTime: "responsetime"}

// CauseLevel says what of a root cause is looked at.
type CauseLevel uint8

// The levels of a root cause.
const (
	CauseService CauseLevel = iota
	CauseEntity
	CauseException // not of response times
)

var causeLevels = [...]string{CauseService: "service", CauseEntity: "entity", CauseException: "exception"}

// RootCause holds where some service, entity or exception of some root cause satisfies all of Body. Position, first
// and last are within its own list: the services of one cause, the entities of one service, the exceptions of one
// entity.
type RootCause struct {
	Span
	Kind  CauseKind
	Level CauseLevel
	Body  Term
}

func (r *RootCause) print(b *strings.Builder) {
	b.WriteString(r.name())
	printBody(b, r.Body)
}

func (r *RootCause) name() string {
	return "rootcause." + causeKinds[r.Kind] + "." + causeLevels[r.Level]
}

// scope is that of the body.
func (r *RootCause) scope() Scope {
	switch {
	case r.Level == CauseService:
		return ScopeCauseService
	case r.Level == CauseException:
		return ScopeCauseException
	case r.Kind == CauseOfResponseTime:
		return ScopeTimeEntity
	}
	return ScopeCauseEntity
}

func (r *RootCause) check(scope Scope) error {
	switch {
	case r.Kind > CauseOfResponseTime || r.Level > CauseException:
		return wrong(r.Span, "", "a root cause of a kind or level that does not exist")
	case scope != ScopeTrace:
		return nested(r.Span, r.name(), scope)
	case r.Kind == CauseOfResponseTime && r.Level == CauseException:
		return wrong(r.Span, "exceptions are causes of faults and errors", "%s does not exist", r.name())
	}
	return checkTerm(r.Body, r.Span, r.scope())
}

func (r *RootCause) match(v view) bool {
	for _, cause := range causesOf(v.rows, r.Kind) {
		if r.inServices(v, cause.Services) {
			return true
		}
	}
	return false
}

func causesOf(r *roentgen.Rows, k CauseKind) []roentgen.CauseRow {
	switch k {
	case CauseOfFault:
		return r.FaultCauses
	case CauseOfError:
		return r.ErrorCauses
	}
	return r.ResponseTimeCauses
}

func (r *RootCause) inServices(v view, list []roentgen.CauseServiceRow) bool {
	for i := range list {
		v.at = place{service: &list[i], index: i, of: len(list)}
		if r.Level == CauseService && r.Body.match(v.in(r.scope())) ||
			r.Level != CauseService && r.inEntities(v, list[i].Entities) {
			return true
		}
	}
	return false
}

func (r *RootCause) inEntities(v view, list []roentgen.CauseEntityRow) bool {
	for i := range list {
		v.at = place{entity: &list[i], index: i, of: len(list)}
		if r.Level == CauseEntity && r.Body.match(v.in(r.scope())) ||
			r.Level != CauseEntity && r.inExceptions(v, list[i].Exceptions) {
			return true
		}
	}
	return false
}

func (r *RootCause) inExceptions(v view, list []roentgen.CauseExceptionRow) bool {
	for i := range list {
		v.at = place{exception: &list[i], index: i, of: len(list)}
		if r.Body.match(v.in(r.scope())) {
			return true
		}
	}
	return false
}

func (r *RootCause) needs(n *Needs, _ Scope) { n.Causes.add(r.Kind) }

func (r *RootCause) plan(p *planner, not bool) (Term, error) {
	body, err := p.body(r.Body)
	if err != nil {
		return nil, err
	}
	return p.leaf(&RootCause{r.Span, r.Kind, r.Level, body}, not)
}

// rootCause reads what begins with rootcause.
func (p *parser) rootCause() (Term, error) {
	name := fold(p.tok.text)
	if name == jsonName {
		return p.rootCauseJSON()
	}
	r := &RootCause{Span: p.tok.Span}
	if !r.named(name) {
		return nil, wrong(p.tok.Span, nearestHint(name, rootCauseNames()), "unknown keyword %s", p.tok)
	}
	if err := p.advance(); err != nil {
		return nil, err
	}
	if !p.tok.is("{") {
		return nil, wrong(p.tok.Span, `for example `+r.name()+` { name = "…" }`, "%s needs a condition in braces, found %s", r.name(), p.tok)
	}
	body, err := p.body(r.scope())
	r.Body = body
	r.To = p.last
	return r, err
}

// named sets kind and level from the name.
func (r *RootCause) named(name string) bool {
	for kind := range causeKinds {
		for level := range causeLevels {
			r.Kind, r.Level = CauseKind(kind), CauseLevel(level)
			if r.name() == name {
				return true
			}
		}
	}
	return false
}

// rootCauseNames are all that exist.
func rootCauseNames() []string {
	var names []string
	for kind := range causeKinds {
		for level := range causeLevels {
			r := RootCause{Kind: CauseKind(kind), Level: CauseLevel(level)}
			if r.Kind != CauseOfResponseTime || r.Level != CauseException {
				names = append(names, r.name())
			}
		}
	}
	return append(names, jsonName)
}
