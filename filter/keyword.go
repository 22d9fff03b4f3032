package filter

import (
	"iter"

	"github.com/roentgen/roentgen"
)

// Keyword names a field. KeywordAnnotation stands for all annotations; the Operand has the key.
type Keyword uint8

// The keywords.
const (
	KeywordNone Keyword = iota

	// Booleans.
	KeywordOK
	KeywordError
	KeywordThrottle
	KeywordFault
	KeywordPartial
	KeywordInferred
	KeywordRoot
	KeywordFirst
	KeywordLast
	KeywordRemote

	// Numbers.
	KeywordResponseTime
	KeywordDuration
	KeywordHTTPStatus
	KeywordIndex
	KeywordCoverage

	// Texts.
	KeywordHTTPURL
	KeywordHTTPMethod
	KeywordHTTPUserAgent
	KeywordHTTPClientIP
	KeywordUser
	KeywordName
	KeywordType
	KeywordMessage
	KeywordAvailabilityZone
	KeywordInstanceID
	KeywordResourceARN
	KeywordAccountID

	// Whatever type was stored.
	KeywordAnnotation

	keywordCount
)

// keyword is a row of the table.
type keyword struct {
	name   string
	kind   roentgen.ValueKind // not of KeywordAnnotation
	scopes scopes
	help   string // for the reference
}

// keywords is the table, X-Ray's but for what is said otherwise. account.id in root causes is how the shapes of root
// causes have it; elsewhere X-Ray knows it in id() only.
var keywords = [keywordCount]keyword{
	KeywordOK:       {"ok", roentgen.BoolValue, entities, "neither error, throttle nor fault"},
	KeywordError:    {"error", roentgen.BoolValue, entities, "status 4xx, or flagged as an error. 5xx is a fault"},
	KeywordThrottle: {"throttle", roentgen.BoolValue, entities, "status 429, or flagged as throttled"},
	KeywordFault:    {"fault", roentgen.BoolValue, entities, "status 5xx, or flagged as a fault"},
	KeywordPartial:  {"partial", roentgen.BoolValue, entities, "something of the trace has not ended, or its parent has not arrived; of the whole trace in every place"},
	KeywordInferred: {"inferred", roentgen.BoolValue, in(ScopeTrace, ScopeService, ScopeCauseService), "the node is known from its callers only; of a trace: some node is"},
	KeywordRoot:     {"root", roentgen.BoolValue, in(ScopeService), "the node holds the trace's root segment"},
	KeywordFirst:    {"first", roentgen.BoolValue, elements, "the first of its list"},
	KeywordLast:     {"last", roentgen.BoolValue, elements, "the last of its list"},
	KeywordRemote:   {"remote", roentgen.BoolValue, in(ScopeCauseEntity, ScopeTimeEntity), "a call to another service"},

	KeywordResponseTime: {"responsetime", roentgen.NumberValue, entities, "seconds until the answer; absent while there is none. Of a call as the caller saw it"},
	KeywordDuration:     {"duration", roentgen.NumberValue, entities, "of a trace: seconds from the first start to the last end. In braces as responsetime"},
	KeywordHTTPStatus:   {"http.status", roentgen.NumberValue, entities, "status of the response"},
	KeywordIndex:        {"index", roentgen.NumberValue, elements, "position in its list, from 0"},
	KeywordCoverage:     {"coverage", roentgen.NumberValue, in(ScopeTimeEntity), "share of the root's response time, 0 to 1; of response times only"},

	KeywordHTTPURL:          {"http.url", roentgen.StringValue, entities, "URL of the request"},
	KeywordHTTPMethod:       {"http.method", roentgen.StringValue, entities, "method of the request"},
	KeywordHTTPUserAgent:    {"http.useragent", roentgen.StringValue, entities, "who sent the request"},
	KeywordHTTPClientIP:     {"http.clientip", roentgen.StringValue, entities, "where the request came from"},
	KeywordUser:             {"user", roentgen.StringValue, entities, "user of any segment; in braces of that segment, or of the one that calls"},
	KeywordName:             {"name", roentgen.StringValue, in(ScopeService, ScopeCauseService, ScopeCauseEntity, ScopeTimeEntity, ScopeCauseException), "name of the service or entity, type of the exception"},
	KeywordType:             {"type", roentgen.StringValue, in(ScopeService, ScopeCauseService), "type of the node"},
	KeywordMessage:          {"message", roentgen.StringValue, in(ScopeCauseException), "message of the exception"},
	KeywordAvailabilityZone: {"availabilityzone", roentgen.StringValue, entities, "availability zone; several as for user"},
	KeywordInstanceID:       {"instance.id", roentgen.StringValue, entities, "EC2 instance; several as for user"},
	KeywordResourceARN:      {"resource.arn", roentgen.StringValue, entities, "ARN of the resource that ran the code; several as for user"},
	KeywordAccountID:        {"account.id", roentgen.StringValue, in(ScopeCauseService), "account of the node; of nodes elsewhere in id() only"},

	KeywordAnnotation: {"annotation", 0, entities, ""},
}

// entities are the scopes of what has an outcome, a duration and a request.
const entities = 1<<ScopeTrace | 1<<ScopeService | 1<<ScopeEdge

// elements are the scopes of what stands in a list.
const elements = 1<<ScopeCauseService | 1<<ScopeCauseEntity | 1<<ScopeTimeEntity | 1<<ScopeCauseException

// String returns the keyword in lower case.
func (k Keyword) String() string { return keywords[k].name }

// Kind returns the type of the field; false for annotations, which have one each.
func (k Keyword) Kind() (roentgen.ValueKind, bool) { return keywords[k].kind, k != KeywordAnnotation }

// simpleKeyword finds a keyword other than annotation by its name, in lower case.
func simpleKeyword(name string) (Keyword, bool) {
	for k := KeywordNone + 1; k < KeywordAnnotation; k++ {
		if keywords[k].name == name {
			return k, true
		}
	}
	return KeywordNone, false
}

// Keywords is a set of Keyword.
type Keywords uint32

// Has says whether k is in the set.
func (set Keywords) Has(k Keyword) bool { return set&(1<<k) != 0 }

// All goes through the set in the order of the constants.
func (set Keywords) All() iter.Seq[Keyword] {
	return func(yield func(Keyword) bool) {
		for k := range keywordCount {
			if set.Has(k) && !yield(k) {
				return
			}
		}
	}
}

func (set *Keywords) add(k Keyword) { *set |= 1 << k }
