package api

import (
	"github.com/roentgen/roentgen/filter"
)

// offer is another expression, which people often mean by the one they wrote.
type offer struct {
	Expression string `json:"expression"`
	Label      string `json:"label"`
	Why        string `json:"why"`
}

// offersFor looks for what is legal and rarely meant. known tells of which
// type annotations are. Every offer is a sound expression other than e.
func offersFor(e *filter.Expr, known *names) []offer {
	offers := []offer{}
	add := func(changed filter.Term, ok bool, why string) {
		if !ok {
			return
		}
		if to, err := filter.New(changed); err == nil && to.String() != e.String() {
			offers = append(offers, offer{to.String(), to.String(), why})
		}
	}
	for _, rule := range []func(filter.Term) (filter.Term, string){
		intoBraces, errorAlone,
		func(t filter.Term) (filter.Term, string) { return retyped(t, known) },
		func(t filter.Term) (filter.Term, string) { return recased(t, known) },
	} {
		changed, why := rule(e.Root())
		add(changed, changed != nil, why)
	}
	return offers
}
