package tracing

import (
	"encoding/json"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

// facts is what one span says in X-Ray's words. For spans of our own functions
// it repeats their blocks; OpenTelemetry attributes are translated, old and
// new semantic conventions alike. What has no word stays in rest.
type facts struct {
	name, namespace, user string
	flags                 flags
	http                  *httpInfo // nil: none
	sql                   *sqlInfo  // nil: none
	aws                   []pair
	notes                 []note
	meta                  []datum
	rest                  []attribute.KeyValue

	// Only translate uses these.
	raw      rawFacts
	httpRoom httpInfo
	sqlRoom  sqlInfo
}

// pair is a member of the aws block.
type pair struct {
	key   string
	value attribute.Value
}

// rawFacts are attributes that make sense only together.
type rawFacts struct {
	scheme, path, target, host, port, peerIP     string
	peerService, remoteService, awsService       string
	rpcSystem, rpcService, rpcMethod             string
	dbSystem, dbName, dbQuery, dbUser, dbConnect string
	indexed                                      []string
}

// read translates s. The result is valid until the next call.
func (e *encoder) read(s *span) *facts {
	f := &e.facts
	f.name, f.namespace, f.user, f.flags, f.http, f.sql = s.name, "", "", s.flags, nil, nil
	f.aws, f.notes, f.meta, f.rest = f.aws[:0], f.notes[:0], f.meta[:0], f.rest[:0]
	if s.isRemote() && s.parent != nil {
		f.namespace = "remote"
	}
	if d := s.d; d != nil {
		f.http, f.sql = d.http, d.sql
		if d.more != nil {
			f.user = d.more.user
		}
		if len(d.attrs) > 0 {
			f.translate(s, d.attrs, e.tr.set.callees)
		}
	}
	byStatus := flags(0)
	if f.http != nil {
		byStatus = statusFlags(f.http.status)
	}
	if byStatus != 0 {
		f.flags |= byStatus
	} else if s.status == codes.Error {
		f.flags |= flagFault // only without an HTTP status that says otherwise
	}
	return f
}

func (f *facts) translate(s *span, attrs []attribute.KeyValue, callees map[string]string) {
	f.raw, f.httpRoom, f.sqlRoom = rawFacts{}, httpInfo{}, sqlInfo{}
	if f.http != nil {
		f.httpRoom = *f.http
	}
	f.http = &f.httpRoom
	wire := s.isRemote() || slices.ContainsFunc(attrs, aboutHTTP)
	for _, a := range attrs {
		if !(wire && (f.takeHTTP(a) || f.takeDB(a) || f.takeCall(a))) && !f.takeXRay(a) {
			f.keep(a, attrs)
		}
	}
	f.index()
	f.joinHTTP(s)
	f.joinSQL()
	f.joinNames(s, callees)
}

// keep puts a into metadata, but not what holds secrets or what people typed:
// queries and arguments, which local spans have too.
func (f *facts) keep(a attribute.KeyValue, attrs []attribute.KeyValue) {
	switch {
	case a.Key == "db.statement" || a.Key == "db.query.text":
		d, known := dialects()[systemOf(attrs)]
		if !known {
			return
		}
		a = a.Key.String(sanitise(a.Value.String(), d))
	case a.Key == "url.full":
		a = a.Key.String(bareURL(a.Value.String()))
	case a.Key == "url.query" || a.Key == "db.connection_string",
		strings.HasPrefix(string(a.Key), "db.query.parameter."), strings.HasPrefix(string(a.Key), "db.operation.parameter."):
		return
	}
	f.rest = append(f.rest, a)
}

func systemOf(attrs []attribute.KeyValue) string {
	for _, a := range attrs {
		if a.Key == "db.system" || a.Key == "db.system.name" {
			return a.Value.String()
		}
	}
	return ""
}

// aboutHTTP tells whether a local span speaks of a request it served; of
// others, words like server.address stay what they are.
func aboutHTTP(a attribute.KeyValue) bool {
	return strings.HasPrefix(string(a.Key), "http.")
}

func (f *facts) takeHTTP(a attribute.KeyValue) bool {
	h, r := f.http, &f.raw
	switch a.Key {
	case "http.method", "http.request.method":
		h.method = a.Value.String()
	case "http.url", "url.full":
		h.url = bareURL(a.Value.String())
	case "http.status_code", "http.response.status_code":
		h.status = statusOf(a.Value)
	case "http.user_agent", "user_agent.original":
		h.userAgent = a.Value.String()
	case "http.client_ip", "client.address":
		h.clientIP = a.Value.String()
	case "http.response_content_length", "http.response.body.size":
		h.length, h.hasLength = a.Value.AsInt64(), a.Value.Type() == attribute.INT64
	case "http.scheme", "url.scheme":
		r.scheme = a.Value.String()
	case "http.target":
		r.target = bare(a.Value.String())
	case "url.path":
		r.path = a.Value.String()
	case "url.query", "http.request.header.cookie", "http.request.header.authorization":
		// never recorded: they hold what people typed, and secrets
	case "http.host", "server.address", "net.peer.name", "net.host.name", "http.server_name":
		r.host = a.Value.String()
	case "server.port", "net.peer.port", "net.host.port":
		r.port = a.Value.String()
	case "net.peer.ip", "network.peer.address", "net.sock.peer.addr":
		r.peerIP = a.Value.String()
	default:
		return false
	}
	return true
}

func statusOf(v attribute.Value) int {
	n := v.AsInt64()
	if v.Type() == attribute.STRING {
		n, _ = strconv.ParseInt(v.AsString(), 10, 32)
	}
	if n < 0 || n > math.MaxInt32 {
		return 0
	}
	return int(n)
}

func (f *facts) takeDB(a attribute.KeyValue) bool {
	r := &f.raw
	switch a.Key {
	case "db.system", "db.system.name":
		r.dbSystem = a.Value.String()
	case "db.name", "db.namespace":
		r.dbName = a.Value.String()
	case "db.statement", "db.query.text":
		r.dbQuery = a.Value.String()
	case "db.user":
		r.dbUser = a.Value.String()
	case "db.connection_string":
		r.dbConnect = a.Value.String()
	default:
		return false
	}
	return true
}

// awsMembers are the members of the aws block of a call, by attribute.
func awsMember(key attribute.Key) string {
	switch key {
	case "aws.operation":
		return "operation"
	case "aws.account_id":
		return "account_id"
	case "aws.region":
		return "region"
	case "aws.request_id", "aws.requestId":
		return "request_id"
	case "aws.extended_request_id":
		return "id_2"
	case "aws.xray.retries":
		return "retries"
	case "aws.s3.bucket":
		return "bucket_name"
	case "aws.queue_url", "aws.queue.url", "messaging.url":
		return "queue_url"
	case "aws.table_name", "aws.table.name":
		return "table_name"
	case "aws.dynamodb.table_names", "aws.table_names":
		return "table_names"
	}
	member, _ := strings.CutPrefix(string(key), memberPrefix)
	if len(member) == len(key) {
		return ""
	}
	return member
}

// memberPrefix begins attributes that are members of the aws block as they are.
const memberPrefix = "aws.xray.aws."

func (f *facts) takeCall(a attribute.KeyValue) bool {
	r := &f.raw
	if m := awsMember(a.Key); m != "" {
		f.setAWS(m, a.Value)
		return true
	}
	switch a.Key {
	case "peer.service", "service.peer.name":
		r.peerService = a.Value.String()
	case "aws.remote.service":
		r.remoteService = a.Value.String()
	case "aws.service":
		r.awsService = a.Value.String()
	case "rpc.system", "rpc.system.name":
		r.rpcSystem = a.Value.String()
		return r.rpcSystem == "aws-api"
	case "rpc.service":
		r.rpcService = a.Value.String()
		return false // kept in metadata too, unless it is an AWS call
	case "rpc.method":
		r.rpcMethod = a.Value.String()
		return false
	default:
		return false
	}
	return true
}

func (f *facts) setAWS(key string, v attribute.Value) {
	if names := v.AsStringSlice(); key == "table_names" && len(names) == 1 {
		key, v = "table_name", attribute.StringValue(names[0])
	}
	for i := range f.aws {
		if f.aws[i].key == key {
			f.aws[i].value = v
			return
		}
	}
	f.aws = append(f.aws, pair{key, v})
}

const metadataPrefix = "aws.xray.metadata."

func (f *facts) takeXRay(a attribute.KeyValue) bool {
	switch {
	case a.Key == "aws.xray.annotations":
		f.raw.indexed = a.Value.AsStringSlice()
	case a.Key == "aws.xray.throttle": // a refusal for too many calls whose status is not 429
		if a.Value.AsBool() {
			f.flags |= flagThrottle
		}
	case a.Key == "enduser.id":
		f.user = a.Value.String()
	case strings.HasPrefix(string(a.Key), metadataPrefix):
		return f.takeNamespace(string(a.Key[len(metadataPrefix):]), a.Value.AsString())
	default:
		return false
	}
	return true
}

// takeNamespace reads a metadata namespace given as the text of a JSON object.
func (f *facts) takeNamespace(namespace, text string) bool {
	var members map[string]json.RawMessage
	if namespace == "" || json.Unmarshal([]byte(text), &members) != nil || members == nil || tooDeep([]byte(text)) {
		return false
	}
	for _, k := range slices.Sorted(maps.Keys(members)) {
		f.meta = append(f.meta, datum{namespace, k, []byte(strings.ToValidUTF8(string(members[k]), "\uFFFD"))})
	}
	return true
}

// index turns the attributes that aws.xray.annotations names into annotations.
func (f *facts) index() {
	for _, key := range f.raw.indexed {
		for i, a := range f.rest {
			if string(a.Key) != key {
				continue
			}
			if n, ok := attributeNote(a); ok {
				f.notes = append(f.notes, n)
				f.rest = append(f.rest[:i], f.rest[i+1:]...)
			}
			break
		}
	}
}

func attributeNote(a attribute.KeyValue) (note, bool) {
	key := strings.Map(func(r rune) rune {
		if r < 128 && legalKeyByte(byte(r)) {
			return r
		}
		return '_'
	}, string(a.Key))
	switch a.Value.Type() {
	case attribute.STRING, attribute.BOOL, attribute.INT64, attribute.FLOAT64:
		return newNote(cut(key, 500), a.Value.AsInterface())
	}
	return note{}, false
}

// joinHTTP assembles the URL when it did not come whole.
func (f *facts) joinHTTP(s *span) {
	h, r := f.http, &f.raw
	if h.method == "" && h.url == "" && h.status == 0 {
		return
	}
	if r.scheme == "" {
		r.scheme, _, _ = strings.Cut(h.url, ":")
	}
	if r.scheme == "" {
		r.scheme = "http"
	}
	if h.url == "" && r.host != "" {
		path := r.path
		if path == "" {
			path = r.target
		}
		if path == "" {
			path = "/"
		}
		h.url = r.scheme + "://" + f.hostPort() + path
	}
	if h.clientIP == "" && s.kind == trace.SpanKindServer {
		h.clientIP = r.peerIP
	}
}

// hostPort is the server's address, without the scheme's own port.
func (f *facts) hostPort() string {
	r := &f.raw
	usual := r.port == "" || r.scheme == "http" && r.port == "80" || r.scheme == "https" && r.port == "443"
	if usual || strings.HasSuffix(r.host, ":"+r.port) {
		return r.host
	}
	return r.host + ":" + r.port
}

func (f *facts) joinSQL() {
	r := &f.raw
	if r.dbSystem == "" {
		return
	}
	d, known := dialects()[r.dbSystem]
	if !known {
		f.keepDB()
		return
	}
	f.sql = &f.sqlRoom
	f.sqlRoom = sqlInfo{dbType: d.title, user: r.dbUser, query: sanitise(r.dbQuery, d)}
	if r.dbName != "" || r.host != "" || r.dbConnect != "" {
		f.sql.connection = cleanDSN(r.dbConnect, r.dbName, f.hostPort())
	}
}

// keepDB keeps what databases other than SQL say of themselves.
func (f *facts) keepDB() {
	r := &f.raw
	for _, kv := range []attribute.KeyValue{
		attribute.String("db.system", r.dbSystem), attribute.String("db.name", r.dbName), attribute.String("db.user", r.dbUser),
	} {
		if kv.Value.AsString() != "" {
			f.rest = append(f.rest, kv)
		}
	}
}

// joinNames names calls after the callee; first hit wins (the order is that of
// OpenTelemetry's X-Ray exporter). Local work keeps the span's name.
func (f *facts) joinNames(s *span, callees map[string]string) {
	r := &f.raw
	if !s.isRemote() || s.parent == nil {
		return
	}
	isAWS := r.rpcSystem == "aws-api" || r.awsService != ""
	if isAWS {
		f.namespace = "aws"
		if r.rpcMethod != "" && !slices.ContainsFunc(f.aws, func(p pair) bool { return p.key == "operation" }) {
			f.setAWS("operation", attribute.StringValue(r.rpcMethod))
		}
		f.rest = slices.DeleteFunc(f.rest, func(a attribute.KeyValue) bool { return a.Key == "rpc.service" || a.Key == "rpc.method" })
	}
	db := r.dbName
	if db != "" && r.host != "" {
		db += "@" + r.host
	}
	host := f.hostPort()
	if f.http.any() {
		f.nameCallee(s, callees[host])
	}
	names := []string{r.remoteService, r.peerService, r.awsService, db, r.rpcService, host}
	for _, n := range names {
		if n != "" {
			f.name = n
			break
		}
	}
}

// nameCallee honours CalleeName and Config.Callees for foreign HTTP clients.
func (f *facts) nameCallee(s *span, byHost string) {
	name, _ := s.Value(calleeKey{}).(string)
	if name == "" {
		name = byHost
	}
	if name != "" {
		f.raw.remoteService, f.http.traced = name, true
	}
}
