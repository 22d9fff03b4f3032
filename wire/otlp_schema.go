package wire

import (
	"slices"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"
)

type protoNumber = protowire.Number

// otlpType is a type of field in OTLP.
type otlpType uint8

const (
	otlpString  otlpType = iota
	otlpBytes            // base64 in JSON
	otlpID               // hex in JSON
	otlpBool             //
	otlpInt64            // a string in JSON
	otlpUint32           //
	otlpFixed64          // a string in JSON
	otlpFixed32          //
	otlpDouble           //
	otlpEnum             // a number in JSON; names are read too
	otlpMessage          //
)

// otlpKind is a message of OTLP.
type otlpKind uint8

const (
	otlpTraces otlpKind = iota // TracesData, ExportTraceServiceRequest
	otlpResourceSpans
	otlpResource
	otlpScopeSpans
	otlpScope
	otlpSpan
	otlpEvent
	otlpLink
	otlpStatus
	otlpPair
	otlpAny
	otlpArray
	otlpPairs
	otlpEntity
)

// otlpField is a field of a message.
type otlpField struct {
	num      protowire.Number
	name     string // in JSON
	typ      otlpType
	repeated bool
	message  otlpKind
	enum     map[string]uint64
}

func one(num protowire.Number, name string, typ otlpType) otlpField {
	return otlpField{num: num, name: name, typ: typ}
}

func message(num protowire.Number, name string, of otlpKind) otlpField {
	return otlpField{num: num, name: name, typ: otlpMessage, message: of}
}

func many(num protowire.Number, name string, of otlpKind) otlpField {
	return otlpField{num: num, name: name, typ: otlpMessage, message: of, repeated: true}
}

// otlpMessages are the messages that traces consist of, as
// opentelemetry-proto 1 has them.
var otlpMessages = [...][]otlpField{
	otlpTraces:        {many(1, "resourceSpans", otlpResourceSpans)},
	otlpResourceSpans: {message(1, "resource", otlpResource), many(2, "scopeSpans", otlpScopeSpans), one(3, "schemaUrl", otlpString)},
	otlpResource: {
		many(1, "attributes", otlpPair), one(2, "droppedAttributesCount", otlpUint32), many(3, "entityRefs", otlpEntity),
	},
	otlpScopeSpans: {message(1, "scope", otlpScope), many(2, "spans", otlpSpan), one(3, "schemaUrl", otlpString)},
	otlpScope: {
		one(1, "name", otlpString), one(2, "version", otlpString), many(3, "attributes", otlpPair), one(4, "droppedAttributesCount", otlpUint32),
	},
	otlpSpan: {
		one(1, "traceId", otlpID), one(2, "spanId", otlpID), one(3, "traceState", otlpString), one(4, "parentSpanId", otlpID),
		one(5, "name", otlpString), {num: 6, name: "kind", typ: otlpEnum, enum: spanKinds},
		one(7, "startTimeUnixNano", otlpFixed64), one(8, "endTimeUnixNano", otlpFixed64),
		many(9, "attributes", otlpPair), one(10, "droppedAttributesCount", otlpUint32),
		many(11, "events", otlpEvent), one(12, "droppedEventsCount", otlpUint32),
		many(13, "links", otlpLink), one(14, "droppedLinksCount", otlpUint32),
		message(15, "status", otlpStatus), one(16, "flags", otlpFixed32),
	},
	otlpEvent: {
		one(1, "timeUnixNano", otlpFixed64), one(2, "name", otlpString), many(3, "attributes", otlpPair), one(4, "droppedAttributesCount", otlpUint32),
	},
	otlpLink: {
		one(1, "traceId", otlpID), one(2, "spanId", otlpID), one(3, "traceState", otlpString), many(4, "attributes", otlpPair),
		one(5, "droppedAttributesCount", otlpUint32), one(6, "flags", otlpFixed32),
	},
	otlpStatus: {one(2, "message", otlpString), {num: 3, name: "code", typ: otlpEnum, enum: statusCodes}},
	otlpPair:   {one(1, "key", otlpString), message(2, "value", otlpAny)},
	otlpAny: {
		one(1, "stringValue", otlpString), one(2, "boolValue", otlpBool), one(3, "intValue", otlpInt64), one(4, "doubleValue", otlpDouble),
		message(5, "arrayValue", otlpArray), message(6, "kvlistValue", otlpPairs), one(7, "bytesValue", otlpBytes),
	},
	otlpArray: {many(1, "values", otlpAny)},
	otlpPairs: {many(1, "values", otlpPair)},
	otlpEntity: {
		one(1, "schemaUrl", otlpString), one(2, "type", otlpString),
		{num: 3, name: "idKeys", typ: otlpString, repeated: true}, {num: 4, name: "descriptionKeys", typ: otlpString, repeated: true},
	},
}

var spanKinds = map[string]uint64{
	"SPAN_KIND_UNSPECIFIED": 0, "SPAN_KIND_INTERNAL": kindInternal, "SPAN_KIND_SERVER": kindServer,
	"SPAN_KIND_CLIENT": kindClient, "SPAN_KIND_PRODUCER": kindProducer, "SPAN_KIND_CONSUMER": kindConsumer,
}

var statusCodes = map[string]uint64{"STATUS_CODE_UNSET": 0, "STATUS_CODE_OK": 1, "STATUS_CODE_ERROR": statusError}

// field finds a field by its number.
func (k otlpKind) field(num protowire.Number) *otlpField {
	fields := otlpMessages[k]
	if i := slices.IndexFunc(fields, func(f otlpField) bool { return f.num == num }); i >= 0 {
		return &fields[i]
	}
	return nil
}

// wireType is how values of the type stand in protobuf.
func (t otlpType) wireType() uint64 {
	switch t {
	case otlpString, otlpBytes, otlpID, otlpMessage:
		return tagBytes
	case otlpFixed64, otlpDouble:
		return tagFixed64
	case otlpFixed32:
		return tagFixed32
	}
	return tagVarint
}

// superseded reports whether a later field of the message takes the place of
// the one that f has reached: of a field that is not repeated the last counts,
// and of an AnyValue's the last of all.
func (k otlpKind) superseded(field *otlpField, f protoFields) bool {
	if field.repeated {
		return false
	}
	for tag := f.tag; f.next(); {
		if f.tag == tag {
			return true
		}
		if k == otlpAny {
			later := k.field(protowire.Number(f.tag >> 3))
			if later != nil && f.tag&7 == later.typ.wireType() {
				return true
			}
		}
	}
	return false
}

// maxMessageDepth bounds how far messages may stand in one another where they
// are gone through to the bottom; protobuf libraries stop at 100 or later.
const maxMessageDepth = 200

// repair returns a message in which every string is UTF-8: what was not is
// U+FFFD. Other readers refuse a whole message for one wrong byte. A message
// within that is broken is left out, and so is what does not count because a
// later field says it anew.
func (k otlpKind) repair(b []byte) []byte { return k.repairAt(b, maxMessageDepth) }

func (k otlpKind) repairAt(b []byte, depth int) []byte {
	out := make([]byte, 0, len(b))
	f := protoFields{rest: b}
	for f.next() {
		field := k.field(protowire.Number(f.tag >> 3))
		if field == nil || f.tag&7 != field.typ.wireType() {
			out = append(out, f.whole...)
			continue
		}
		switch {
		case k.superseded(field, f):
		case field.typ == otlpString && !utf8.Valid(f.val):
			out = appendField(out, field.num, unescape(nil, contentOf(f.val)))
		case field.typ != otlpMessage:
			out = append(out, f.whole...)
		case depth > 0:
			out = appendField(out, field.num, field.message.repairAt(f.val, depth-1))
		}
	}
	return out
}
