package bench

// Place is where X-Ray keeps an attribute. In OTLP all are attributes alike.
type Place uint8

const (
	Metadata   Place = iota // metadata.default: kept, not searched
	Annotation              // searched
	Block                   // a block of its own: http, sql, aws, user
)

// Attr is one attribute of a span.
type Attr struct {
	Key   string
	Place Place
	Value Value
}

// Value is a text, a whole number, a number or a truth.
type Value struct {
	kind  kind
	text  string
	whole int64
	real  float64
	truth bool
}

type kind uint8

const (
	textKind kind = iota
	wholeKind
	realKind
	truthKind
)

func text(s string) Value            { return Value{kind: textKind, text: s} }
func whole(n int64) Value            { return Value{kind: wholeKind, whole: n} }
func real(x float64) Value           { return Value{kind: realKind, real: x} }
func truth(yes bool) Value           { return Value{kind: truthKind, truth: yes} }
func count(n int) Value              { return whole(int64(n)) }
func meta(key string, v Value) Attr  { return Attr{key, Metadata, v} }
func note(key string, v Value) Attr  { return Attr{key, Annotation, v} }
func block(key string, v Value) Attr { return Attr{key, Block, v} }
