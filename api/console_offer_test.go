package api

import (
	"slices"
	"testing"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/filter"
)

func TestOffers(t *testing.T) {
	known := newNames()
	known.add(&roentgen.Rows{Summary: &roentgen.Summary{Annotations: []roentgen.AnnotationUse{
		{Annotation: roentgen.Annotation{Key: "age", Value: filter.Float(30)}},
		{Annotation: roentgen.Annotation{Key: "account", Value: filter.Text("12345")}},
		{Annotation: roentgen.Annotation{Key: "ColdStart", Value: filter.Bool(true)}},
		{Annotation: roentgen.Annotation{Key: "mixed", Value: filter.Text("1")}},
		{Annotation: roentgen.Annotation{Key: "mixed", Value: filter.Float(1)}},
	}}})
	for _, c := range []struct {
		name, expression string
		want             []string
	}{
		{"error alone", `error`, []string{`error OR fault`}},
		{"error = true", `error = true`, []string{`error OR fault`}},
		{"error among others", `user = "alice" AND error`, []string{`user = "alice" AND (error OR fault)`}},
		{"error in braces", `service("x") { error }`, []string{`service("x") { error OR fault }`}},
		{"error of a call", `edge("a", "b") { error }`, []string{`edge("a", "b") { error OR fault }`}},
		{"errors with faults", `error OR fault`, nil},
		{"errors without faults", `error AND !fault`, nil},
		{"errors that are throttles", `error AND throttle`, nil},
		{"no error", `error = false`, nil},
		{"not an error", `!error`, nil},

		{"a service and an error", `service("x") AND error = true`, []string{`service("x") { error OR fault }`, `service("x") AND (error OR fault)`}},
		{"a service and a time", `service("x") AND responsetime > 5`, []string{`service("x") { responsetime > 5 }`}},
		{"a time and a service", `responsetime > 5 AND service("x")`, []string{`service("x") { responsetime > 5 }`}},
		{"a service and two conditions", `service("x") AND responsetime > 5 AND http.status = 200`, []string{`service("x") { responsetime > 5 AND http.status = 200 }`}},
		{"a service and one or the other", `service("x") AND (fault OR responsetime > 5)`, []string{`service("x") { fault OR responsetime > 5 }`}},
		{"a service, a time and a user", `service("x") AND responsetime > 5 AND user = "alice"`, []string{`service("x") { responsetime > 5 } AND user = "alice"`}},
		{"a call and a time", `edge("a", "b") AND responsetime > 5`, []string{`edge("a", "b") { responsetime > 5 }`}},
		{"a service and a user", `service("x") AND user = "alice"`, nil},
		{"a service and what is of the whole trace", `service("x") AND duration > 5`, nil},
		{"any service", `service() AND responsetime > 5`, nil},
		{"no service", `!service("x") AND responsetime > 5`, nil},
		{"a service with braces", `service("x") { fault } AND responsetime > 5`, nil},
		{"a service or a time", `service("x") OR responsetime > 5`, nil},

		{"a number as a text", `annotation.age = "30"`, []string{`annotation.age = 30`}},
		{"a text that is no number", `annotation.age = "old"`, nil},
		{"a text as a number", `annotation.account = 12345`, []string{`annotation.account = "12345"`}},
		{"a text compared as a number", `annotation.account > 5`, nil},
		{"in braces", `service("x") { annotation.age = "30" }`, []string{`service("x") { annotation.age = 30 }`}},
		{"negated", `!(annotation.age = "30")`, []string{`!(annotation.age = 30)`}},
		{"of both types", `annotation.mixed = 1`, nil},
		{"the right type", `annotation.age > 29`, nil},
		{"a boolean as a text", `annotation.ColdStart = "true"`, nil},
		{"a key in other letters", `annotation.coldstart = true OR fault`, []string{`annotation.ColdStart = true OR fault`}},
		{"a key alone in other letters", `annotation.coldstart`, []string{`annotation.ColdStart`}},
		{"a key that nobody has", `annotation.other = 1`, nil},
		{"nothing", ``, nil},
	} {
		e, err := filter.Parse(c.expression)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, o := range offersFor(e, known) {
			got = append(got, o.Expression)
			if o.Why == "" || o.Label == "" {
				t.Errorf("%s: offer without a reason: %+v", c.name, o)
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %s\ngot  %q\nwant %q", c.name, c.expression, got, c.want)
		}
	}
}
