package wire

import (
	"bytes"
	"net/netip"
	"unicode/utf8"
)

// blockValues is what the blocks http, sql and aws of a document say, and its
// user. Both directions use it: from attributes to blocks and back.
type blockValues struct {
	http                           bool
	method, url, agent, clientIP   []byte
	forwarded                      bool
	status, length                 int64
	hasLength                      bool
	parts                          urlParts // of url
	sql                            bool
	connection, database, dbUser   []byte
	query                          []byte
	connectionHost, connectionName []byte // what connection is made of
	aws                            bool
	operation, account, region     []byte
	request, queue, table          []byte
	bucket, topic                  []byte
	tables                         []byte // an ArrayValue of strings
	manyTables                     bool
	user                           []byte
	scratch                        []byte // memory of url and connection
}

// take fills v from the attributes of a span.
func (v *blockValues) take(s *spanWork, r *resourceWork) {
	v.reset()
	set(&v.user, s.text(keyEndUserID))
	v.takeHTTP(s)
	v.takeSQL(s)
	if v.aws = !r.elsewhere; v.aws {
		v.takeAWS(s)
	}
}

// reset empties v. It writes no pointers, which would cost while the garbage
// collector runs.
func (v *blockValues) reset() {
	v.http, v.forwarded, v.hasLength, v.sql, v.aws, v.manyTables = false, false, false, false, false, false
	v.status, v.length = 0, 0
	for _, text := range []*[]byte{
		&v.method, &v.url, &v.agent, &v.clientIP, &v.connection, &v.database, &v.dbUser, &v.query, &v.connectionHost, &v.connectionName,
		&v.operation, &v.account, &v.region, &v.request, &v.queue, &v.table, &v.bucket, &v.topic, &v.tables, &v.user, &v.scratch,
	} {
		*text = (*text)[:0]
	}
}

// set fills in a text that is there.
func set(to *[]byte, text []byte) {
	if len(text) > 0 {
		*to = text
	}
}

func (v *blockValues) takeHTTP(s *spanWork) {
	for _, k := range httpKeys {
		v.http = v.http || s.at[k] > 0
	}
	if !v.http {
		return
	}
	set(&v.method, s.text(keyHTTPRequestMethod, keyHTTPMethod))
	set(&v.agent, s.text(keyUserAgentOriginal, keyHTTPUserAgent))
	if set(&v.url, s.text(keyURLFull, keyHTTPURL)); len(v.url) == 0 {
		v.scratch = s.assembleURL(v.scratch)
		v.url = v.scratch
	}
	v.parts = splitURL(v.url)
	v.takeClient(s)
	if status, ok := s.int(keyHTTPResponseStatusCode, keyHTTPStatusCode); ok && status > 0 && status <= maxStatus {
		v.status = status
	}
	if v.length, v.hasLength = s.int(keyHTTPResponseBodySize, keyHTTPResponseContentLength); !v.hasLength {
		v.length, v.hasLength = s.payload()
	}
	v.hasLength = v.hasLength && v.length >= 0
}

// takeClient finds who asked. The peer of a server is its client.
func (v *blockValues) takeClient(s *spanWork) {
	peer := s.text(keyNetworkPeerAddress, keyNetPeerIP)
	set(&v.clientIP, s.text(keyHTTPClientIP))
	if len(v.clientIP) == 0 {
		if address := s.text(keyClientAddress); isIP(address) {
			v.clientIP = address
		}
	}
	switch {
	case len(v.clientIP) > 0:
		v.forwarded = peer == nil
	case s.kind == kindServer && isIP(peer):
		v.clientIP = peer
	}
}

func isIP(text []byte) bool {
	if len(text) == 0 || len(text) > 64 {
		return false
	}
	_, err := netip.ParseAddr(string(text))
	return err == nil
}

// payload is the size of a message that was received, of the span or of the
// first event that speaks of one.
func (s *spanWork) payload() (int64, bool) {
	if a := s.get(keyMessageType); a != nil && a.value.is("RECEIVED") {
		if n, ok := s.int(keyPayloadSize); ok {
			return n, true
		}
	}
	for _, e := range s.events {
		if n, ok := eventPayload(e); ok {
			return n, true
		}
	}
	return 0, false
}

func eventPayload(event []byte) (n int64, ok bool) {
	received := false
	f := protoFields{rest: event}
	for f.next() {
		if f.tag != 3<<3|tagBytes {
			continue
		}
		a, sound := readAttribute(f.val)
		switch {
		case !sound:
		case string(a.key) == knownKeys[keyMessageType].name:
			received = a.value.is("RECEIVED")
		case string(a.key) == knownKeys[keyPayloadSize].name && a.value.kind == anyInt:
			n, ok = int64(a.value.number), true
		}
	}
	return n, ok && received
}

// takeSQL fills the sql block, which only relational databases have.
func (v *blockValues) takeSQL(s *spanWork) {
	set(&v.database, s.text(keyDBSystemName, keyDBSystem))
	if v.sql = relational(v.database); !v.sql {
		return
	}
	set(&v.dbUser, s.text(keyDBUser))
	set(&v.query, s.text(keyDBQueryText, keyDBStatement))
	v.connectionHost, v.connectionName = s.text(keyDBConnectionString), s.text(keyDBNamespace, keyDBName)
	if v.connectionHost == nil {
		v.connectionHost = []byte("localhost")
	}
	from := len(v.scratch)
	v.scratch = append(append(append(v.scratch, v.connectionHost...), '/'), v.connectionName...)
	v.connection = v.scratch[from:]
	v.splitConnection()
}

// splitConnection takes the connection apart where it can be.
func (v *blockValues) splitConnection() {
	i := bytes.LastIndexByte(v.connection, '/')
	if i < 0 {
		v.connectionHost, v.connectionName = nil, nil
		return
	}
	v.connectionHost, v.connectionName = v.connection[:i], v.connection[i+1:]
}

// relational reports whether a db.system is one that X-Ray shows as SQL; new
// conventions have new names for some.
func relational(system []byte) bool {
	switch string(system) {
	case "db2", "derby", "hive", "mariadb", "mssql", "mysql", "oracle", "postgresql", "sqlite", "teradata", "other_sql",
		"ibm.db2", "microsoft.sql_server", "oracle.db":
		return true
	}
	return false
}

// takeAWS fills what the aws block says of a call.
func (v *blockValues) takeAWS(s *spanWork) {
	set(&v.operation, s.text(keyAWSOperation, keyRPCMethod))
	set(&v.account, s.text(keyAWSAccountID, keyCloudAccountID))
	set(&v.region, s.text(keyAWSRegion, keyCloudRegion))
	set(&v.request, s.text(keyAWSRequestID, keyAWSRequestIDCamel))
	set(&v.queue, s.text(keyAWSQueueURL, keyAWSQueueDotURL, keyAWSSQSQueueURL, keyMessagingURL))
	set(&v.table, s.text(keyAWSTableName, keyAWSTableDotName))
	set(&v.bucket, s.text(keyAWSS3Bucket))
	set(&v.topic, s.text(keyAWSSNSTopic))
	if a := s.get(keyAWSTableNames); a != nil && a.value.kind == anyArray && !a.value.odd && len(v.table) == 0 {
		v.takeTables(a.value.text)
	}
}

// takeTables takes a list of strings: one is a table, several are tables.
func (v *blockValues) takeTables(list []byte) {
	n := 0
	var only []byte
	f := protoFields{rest: list}
	for f.next() {
		if f.tag != 1<<3|tagBytes {
			return
		}
		name, ok := readAny(f.val)
		if !ok || name.kind != anyString || name.odd || usual(name.text) != len(name.text) {
			return
		}
		n, only = n+1, name.text
	}
	switch {
	case f.broken || n == 0 || n == 1 && len(only) == 0:
	case n == 1:
		v.table, v.tables = only, list
	default:
		v.tables, v.manyTables = list, true
	}
}

// give returns what the attribute of that key was, as far as the blocks tell.
func (v *blockValues) give(k knownKey) (a anyValue, ok bool) {
	var text []byte
	switch k {
	case keyHTTPMethod, keyHTTPRequestMethod:
		text = v.method
	case keyHTTPStatusCode, keyHTTPResponseStatusCode:
		return anyValue{kind: anyInt, number: uint64(v.status)}, v.status != 0
	case keyHTTPUserAgent, keyUserAgentOriginal:
		text = v.agent
	case keyHTTPClientIP, keyClientAddress, keyNetPeerIP, keyNetworkPeerAddress:
		text = v.clientIP
	case keyHTTPURL, keyURLFull:
		text = v.url
	case keyHTTPResponseContentLength, keyHTTPResponseBodySize:
		return anyValue{kind: anyInt, number: uint64(v.length)}, v.http && v.hasLength
	case keyEndUserID:
		text = v.user
	default:
		if v.http {
			if a, ok := v.giveURL(k); ok {
				return a, true
			}
		}
		text = v.giveCall(k)
		if k == keyAWSTableNames && len(v.tables) > 0 {
			return anyValue{kind: anyArray, text: v.tables}, true
		}
	}
	return anyValue{kind: anyString, text: text}, len(text) > 0
}

// giveURL returns a part of the URL.
func (v *blockValues) giveURL(k knownKey) (a anyValue, ok bool) {
	var text []byte
	switch k {
	case keyHTTPScheme, keyURLScheme:
		text = v.parts.scheme
	case keyHTTPHost:
		text = v.parts.authority
	case keyHTTPTarget:
		text = v.parts.target
	case keyURLPath:
		text = v.parts.path
	case keyURLQuery:
		text = v.parts.query
	case keyHTTPServerName, keyNetHostName, keyServerAddress, keyHostName, keyNetPeerName:
		text = v.parts.host
	case keyNetHostPort, keyServerPort, keyNetPeerPort:
		n, ok := v.parts.number()
		return anyValue{kind: anyInt, number: uint64(n)}, ok
	}
	return anyValue{kind: anyString, text: text}, len(text) > 0
}

// giveCall returns what sql and aws say.
func (v *blockValues) giveCall(k knownKey) []byte {
	switch k {
	case keyAWSOperation, keyRPCMethod:
		return v.operation
	case keyAWSAccountID, keyCloudAccountID:
		return v.account
	case keyAWSRegion, keyCloudRegion:
		return v.region
	case keyAWSRequestID, keyAWSRequestIDCamel:
		return v.request
	case keyAWSQueueURL, keyAWSQueueDotURL, keyAWSSQSQueueURL, keyMessagingURL:
		return v.queue
	case keyAWSTableName, keyAWSTableDotName:
		return v.table
	case keyAWSS3Bucket:
		return v.bucket
	case keyAWSSNSTopic:
		return v.topic
	}
	if !v.sql {
		return nil
	}
	switch k {
	case keyDBSystem, keyDBSystemName:
		return v.database
	case keyDBName, keyDBNamespace:
		return v.connectionName
	case keyDBStatement, keyDBQueryText:
		return v.query
	case keyDBUser:
		return v.dbUser
	case keyDBConnectionString:
		return v.connectionHost
	}
	return nil
}

// said reports whether the blocks give the attribute back as it is. The value
// has to be one that JSON can say.
func (v *blockValues) said(a *attribute) bool {
	if a.known == keyNone || knownKeys[a.known].code == 0 || a.value.odd {
		return false
	}
	got, ok := v.give(a.known)
	return ok && got.kind == a.value.kind && got.number == a.value.number && bytes.Equal(got.text, a.value.text) && utf8.Valid(got.text)
}
