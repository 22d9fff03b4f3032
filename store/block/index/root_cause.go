package index

import "github.com/roentgen/roentgen/filter"

// rootCause returns the rows with root causes of the kind in which something may satisfy the body.
func (e *evaluation) rootCause(t *filter.RootCause) rowSet {
	set := e.flagged(faultCauses << t.Kind)
	if set.empty() {
		return set
	}
	return e.meet(set, e.causeBody(t, t.Body))
}

func (e *evaluation) causeBody(t *filter.RootCause, body filter.Term) rowSet {
	one := func(body filter.Term) rowSet { return e.causeBody(t, body) }
	switch body := body.(type) {
	case *filter.And:
		return e.all(body.Terms, one)
	case *filter.Or:
		return e.any(body.Terms, one)
	case *filter.Has:
		if f, ok := e.causeField(t, body.Operand.Keyword); ok {
			return e.hasField(f)
		}
	case *filter.Compare:
		c, ok := causeCode(t, body.Operand.Keyword)
		if !ok {
			return nil
		}
		f := e.x.fixed[c]
		if f == nil {
			return e.set()
		}
		if body.Op == filter.OpEqual {
			return e.equal(f, body, fieldSeed(c, ""))
		}
		return e.holding(f, body)
	}
	return nil
}

func (e *evaluation) causeField(t *filter.RootCause, k filter.Keyword) (*fieldIndex, bool) {
	c, ok := causeCode(t, k)
	return e.x.fixed[c], ok
}

func (e *evaluation) hasField(f *fieldIndex) rowSet {
	if f == nil {
		return e.set()
	}
	return e.add(e.list(f.has), f.rest)
}

// causeCode returns the field of a text in root causes; false where there is none.
func causeCode(t *filter.RootCause, k filter.Keyword) (code, bool) {
	kind := code(t.Kind)
	switch {
	case k == filter.KeywordName && t.Level == filter.CauseService:
		return codeCauseService + kind, true
	case k == filter.KeywordName && t.Level == filter.CauseEntity:
		return codeCauseEntity + kind, true
	case k == filter.KeywordName && t.Level == filter.CauseException && kind < 2:
		return codeException + kind, true
	case k == filter.KeywordMessage && t.Level == filter.CauseException && kind < 2:
		return codeMessage + kind, true
	}
	return 0, false
}

// rootCauseJSON returns the rows with root causes of some kind, among them those of the services that are named.
func (e *evaluation) rootCauseJSON(t *filter.RootCauseJSON) rowSet {
	if len(t.Causes) == 0 {
		return nil // as any list has the shape of an empty one
	}
	out := e.set()
	for kind := range code(3) {
		set := e.flagged(faultCauses << kind)
		for _, name := range namesOf(t) {
			set = e.meet(set, e.serviceCause(kind, name))
		}
		if set == nil {
			e.done(out)
			return nil
		}
		out.or(set)
		e.done(set)
	}
	return out
}

// namesOf are the services that the patterns name.
func namesOf(t *filter.RootCauseJSON) (names []string) {
	for _, c := range t.Causes {
		for _, s := range c.Services {
			if s.Name != nil && *s.Name != "" {
				names = append(names, *s.Name)
			}
		}
	}
	return names
}

func (e *evaluation) serviceCause(kind code, name string) rowSet {
	f := e.x.fixed[codeCauseService+kind]
	if f == nil {
		return e.set()
	}
	return e.equal(f, &filter.Compare{Op: filter.OpEqual, Value: filter.Text(name)}, fieldSeed(codeCauseService+kind, ""))
}
