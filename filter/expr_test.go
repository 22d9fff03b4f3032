package filter

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/roentgen/roentgen"
)

func TestAnErrorSaysWhereAndWhat(t *testing.T) {
	_, err := Parse("fault AND\n  user = \"ä\" AND\n\tfautl")
	e, ok := err.(*Error)
	if !ok {
		t.Fatalf("%T %v", err, err)
	}
	if e.From != 29 || e.To != 34 || e.Line != 3 || e.Column != 2 {
		t.Errorf("at %d-%d, line %d, column %d", e.From, e.To, e.Line, e.Column)
	}
	if got := err.Error(); got != `Invalid filter expression: unknown keyword "fautl" at position 29; did you mean fault?` {
		t.Error(got)
	}
	if roentgen.KindOf(err) != roentgen.Invalid {
		t.Errorf("kind %v", roentgen.KindOf(err))
	}
	_, err = Parse(`"ää" fault`)
	if e, ok := err.(*Error); !ok || e.To != 6 {
		t.Errorf("%#v", err)
	}
	_, err = Parse(`user = "ää" fautl`)
	if e, ok := err.(*Error); !ok || e.From != 14 || e.Column != 13 {
		t.Errorf("%#v", err)
	}
}

func TestTheEmptyExpressionMatchesEverything(t *testing.T) {
	for _, e := range []*Expr{{}, parsed(t, ""), parsed(t, " \n")} {
		m, err := e.Matcher(nil)
		if err != nil || !e.Empty() || e.String() != "" || !m.Match(&roentgen.Rows{Summary: &roentgen.Summary{}}) {
			t.Errorf("%q empty %v: %v", e, e.Empty(), err)
		}
	}
	if parsed(t, "fault").Empty() {
		t.Error("fault is not empty")
	}
	never, err := New(&And{Terms: []Term{&Always{}, &Always{}}})
	if err == nil {
		t.Errorf("what cannot be written was taken: %s", never)
	}
}

func parsed(t testing.TB, s string) *Expr {
	t.Helper()
	e, err := Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestATreeBuiltByHandIsHeldToTheSameRules(t *testing.T) {
	fault := &Has{Operand: Operand{Keyword: KeywordFault}}
	e, err := New(&And{Terms: []Term{fault, &And{Terms: []Term{fault, &Compare{Operand: Operand{Keyword: KeywordUser}, Value: Text("a")}}}}})
	if err != nil || e.String() != `fault AND fault AND user = "a"` {
		t.Errorf("%s %v", e, err)
	}
	for title, c := range map[string]struct {
		root  Term
		cause string
	}{
		"no condition":                {nil, "a condition is missing outside of braces"},
		"no keyword":                  {&Has{}, "a condition without a keyword"},
		"a keyword beyond the table":  {&Has{Operand: Operand{Keyword: keywordCount}}, "a condition without a keyword"},
		"an operator beyond":          {&Compare{Operand: Operand{Keyword: KeywordUser}, Op: opCount}, "an operator that does not exist"},
		"an annotation without key":   {&Has{Operand: Operand{Keyword: KeywordAnnotation}}, "an annotation without a key"},
		"an AND of one":               {&And{Terms: []Term{fault}}, "here are 1"},
		"a hole in an OR":             {&Or{Terms: []Term{fault, nil}}, "a condition is missing"},
		"a NOT of nothing":            {&Not{}, "a condition is missing"},
		"a root cause without braces": {&RootCause{}, "a condition is missing in the braces of a root cause's service"},
		"a root cause beyond":         {&RootCause{Kind: 3, Body: fault}, "does not exist"},
		"a group by what is no field": {&Group{Field: 2}, "does not exist"},
		"a group that is larger":      {&Group{Op: OpGreater}, "takes = and != only"},
		"a shape that is larger":      {&RootCauseJSON{Op: OpGreater}, "takes = and != only"},
		"no number":                   {&Compare{Operand: Operand{Keyword: KeywordDuration}, Value: Float(math.NaN())}, `"NaN" is not a value`},
		"a side of a keyword":         {&Edge{Body: &Has{Operand: Operand{Keyword: KeywordFault, Side: SideSource}}}, "source.fault has no meaning"},
	} {
		if _, err := New(c.root); err == nil || !strings.Contains(err.Error(), c.cause) {
			t.Errorf("%s: %v", title, err)
		}
	}
}

func TestMatchingAllocatesNothing(t *testing.T) {
	for name, b := range benchmarks {
		m, rows := b.load(t)
		if n := testing.AllocsPerRun(100, func() { m.Match(rows) }); n != 0 {
			t.Errorf("%s allocates %v times", name, n)
		}
	}
}

// Every keyword can be met in each of its scopes: in some drawn trace it is there, or true, and in some it is not.
func TestEveryKeywordHasAMeaningInEachOfItsScopes(t *testing.T) {
	around := map[Scope]func(Term) Term{
		ScopeTrace:        func(t Term) Term { return t },
		ScopeService:      func(t Term) Term { return &Service{Body: t} },
		ScopeEdge:         func(t Term) Term { return &Edge{Body: t} },
		ScopeCauseService: func(t Term) Term { return &RootCause{Body: t} },
		ScopeCauseEntity:  func(t Term) Term { return &RootCause{Level: CauseEntity, Body: t} },
		ScopeTimeEntity: func(t Term) Term {
			return &RootCause{Kind: CauseOfResponseTime, Level: CauseEntity, Body: t}
		},
		ScopeCauseException: func(t Term) Term { return &RootCause{Level: CauseException, Body: t} },
	}
	for k := KeywordNone + 1; k < keywordCount; k++ {
		for s, wrap := range around {
			if !keywords[k].scopes.has(s) {
				continue
			}
			met := map[bool]bool{}
			e := &Expr{wrap(&Has{Operand: Operand{Keyword: k, Key: "k"}})}
			for seed := range uint64(200) {
				met[matcherOf(t, e).Match(newRandom(seed).rows())] = true
			}
			if !met[true] || !met[false] {
				t.Errorf("%s was always %v", e, met[true])
			}
		}
	}
}

func TestATraceMatchesWhereAllConditionsDo(t *testing.T) {
	for text, want := range map[string][]string{
		`fault`:                           {`fault`},
		`fault AND (ok user = "a")`:       {`fault`, `ok`, `user = "a"`},
		`!(fault OR service("a"){error})`: {`!fault`, `!service("a") { error }`},
		`fault OR ok AND error`:           {`fault OR (ok AND error)`},
		``:                                {``},
	} {
		e, err := Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		m, err := e.Matcher(nil)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, one := range m.Conditions() {
			got = append(got, one.String())
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}
