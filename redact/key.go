package redact

// class says what the name of a member tells about its value.
type class uint8

const (
	classNone      class = iota // free text
	classForbidden              // goes as a whole
	classKeep                   // is not looked at
	classURL
	classSQL
	classDSN // how to reach a database: only its password goes
)

// maxKey is the longest name that is compared; what is longer has no class.
const maxKey = 63

// secretKeys are the names whose values are secrets, in the spellings that headers, forms and programs use.
var secretKeys = [...]string{
	"password", "passwd", "pwd", "passphrase", "secret", "client_secret", "secret_key", "secretkey", "private_key",
	"token", "access_token", "accesstoken", "refresh_token", "refreshtoken", "id_token", "auth_token", "session_token", "csrf_token",
	"authorization", "proxy-authorization", "proxy_authorization", "cookie", "set-cookie", "set_cookie",
	"api_key", "apikey", "api-key", "x-api-key", "x_api_key", "access_key", "aws_secret_access_key", "aws_session_token",
	"credential", "credentials", "otp", "cvv",
}

// idKeys are ids and hashes wherever they stand. Digits alone would be taken for a number of a person.
var idKeys = [...]string{
	"trace_id", "traceid", "span_id", "spanid", "parent_id", "segment_id", "request_id", "requestid", "x-amzn-requestid", "x-amz-id-2",
	"account_id", "container_id", "container.id", "host.id", "cloud.account.id", "instance_id", "arn", "hash", "sha256", "etag",
}

// queryKeys are attributes that hold a statement.
var queryKeys = [...]string{"sanitized_query", "db.statement", "db.query.text"}

// urlKeys are attributes that hold an address or its end.
var urlKeys = [...]string{"url", "uri", "url.full", "http.url", "http.target", "http.referer", "referer"}

var dsnKeys = [...]string{"connection_string", "db.connection_string", "dsn"}

// keyTable finds the class of a name. Nearly all names have none, and that is told by their last three bytes, or by one
// word: bit n of lengths says that some name of n bytes has one, by the last five bits of its first letter.
type keyTable struct {
	endings [1 << 15 / 64]uint64 // a bit for the last five bits each of the last three bytes of a name
	short   bool                 // a name has less than three bytes
	lengths [32]uint64
	named   [32][]namedKey
}

// ending is the bit for the name that ends with c, d, e.
func ending(c, d, e byte) uint { return uint(c&31)<<10 | uint(d&31)<<5 | uint(e&31) }

type namedKey struct {
	name  string // lower case
	class class
}

func (k *keyTable) add(name string, c class) {
	name = string(lower([]byte(name)))
	if n := len(name); n < 3 {
		k.short = true
		for i := range k.endings {
			k.endings[i] = ^uint64(0)
		}
	} else {
		bit := ending(name[n-3], name[n-2], name[n-1])
		k.endings[bit/64] |= 1 << (bit % 64)
	}
	at := name[0] & 31
	k.lengths[at] |= 1 << len(name)
	for i := range k.named[at] {
		if k.named[at][i].name == name {
			k.named[at][i].class = c
			return
		}
	}
	k.named[at] = append(k.named[at], namedKey{name, c})
}

// of returns the class of a name as it stands between quotes, or of the last part of a dotted one.
func (k *keyTable) of(name []byte) class {
	if n := len(name); n >= 3 && !k.short {
		if bit := ending(name[n-3], name[n-2], name[n-1]); k.endings[bit/64]>>(bit%64)&1 == 0 {
			return classNone
		}
	}
	return k.search(name)
}

// none says that the name t[from:to], which stands in a document, has no class, and never that it has one.
func (k *keyTable) none(t []byte, from, to uint) bool {
	if to < 3 || to > uint(len(t)) {
		return false
	}
	bit := ending(t[to-3], t[to-2], t[to-1])
	return k.endings[bit/64]>>(bit%64)&1 == 0
}

func (k *keyTable) search(name []byte) class {
	if c := k.exact(name); c != classNone {
		return c
	}
	for i := len(name) - 1; i > 0; i-- {
		if name[i] == '.' {
			if c := k.exact(name[i+1:]); c == classForbidden || c == classKeep {
				return c
			}
			break
		}
	}
	return classNone
}

func (k *keyTable) exact(name []byte) class {
	if len(name) == 0 || len(name) > maxKey || k.lengths[name[0]&31]>>len(name)&1 == 0 {
		return classNone
	}
	for i := range k.named[name[0]&31] {
		if n := &k.named[name[0]&31][i]; equalFold(name, n.name) {
			return n.class
		}
	}
	return classNone
}

// equalFold compares with a text in lower case; of letters, only ASCII's have cases.
func equalFold(b []byte, lowered string) bool {
	if len(b) != len(lowered) {
		return false
	}
	for i, c := range b {
		if lowerByte(c) != lowered[i] {
			return false
		}
	}
	return true
}

func lower(b []byte) []byte {
	for i, c := range b {
		b[i] = lowerByte(c)
	}
	return b
}

func lowerByte(c byte) byte {
	if c-'A' < 26 {
		return c | 0x20
	}
	return c
}

// isMeasure says whether the name ends like that of a measured quantity, whose figures are nobody's number: a time of
// 9.8 s in nanoseconds has ten digits.
func isMeasure(name []byte) bool {
	for i := range measures {
		m := measures[i]
		if len(name) >= len(m) && equalFold(name[len(name)-len(m):], m) {
			return true
		}
	}
	return false
}

var measures = [...]string{
	"_ns", ".ns", "nanos", "nanoseconds", "_us", "micros", "microseconds", "_ms", "millis", "milliseconds", "_s", "seconds",
	"bytes", "size", "length", "offset", "position", "count", "total", "sum", "duration", "elapsed", "latency", "time", "timestamp",
	"_at", "date", "version", "memory", "rows", "tokens", "seed", "line", "port", "index", "seq", "sequence", "epoch",
}
