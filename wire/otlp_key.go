package wire

// knownKey is an attribute that means something to a segment.
type knownKey uint8

const (
	keyNone knownKey = iota
	keyHTTPMethod
	keyHTTPRequestMethod
	keyHTTPStatusCode
	keyHTTPResponseStatusCode
	keyHTTPUserAgent
	keyUserAgentOriginal
	keyHTTPClientIP
	keyClientAddress
	keyNetPeerIP
	keyNetworkPeerAddress
	keyHTTPURL
	keyURLFull
	keyHTTPScheme
	keyURLScheme
	keyHTTPHost
	keyHTTPTarget
	keyURLPath
	keyURLQuery
	keyHTTPServerName
	keyNetHostName
	keyServerAddress
	keyHostName
	keyNetHostPort
	keyServerPort
	keyNetPeerName
	keyNetPeerPort
	keyHTTPResponseContentLength
	keyHTTPResponseBodySize
	keyHTTPStatusText
	keyPayloadSize
	keyMessageType
	keyDBSystem
	keyDBSystemName
	keyDBName
	keyDBNamespace
	keyDBStatement
	keyDBQueryText
	keyDBUser
	keyDBConnectionString
	keyAWSOperation
	keyRPCMethod
	keyAWSAccountID
	keyCloudAccountID
	keyAWSRegion
	keyCloudRegion
	keyAWSRequestID
	keyAWSRequestIDCamel
	keyAWSQueueURL
	keyAWSQueueDotURL
	keyAWSSQSQueueURL
	keyMessagingURL
	keyAWSTableName
	keyAWSTableDotName
	keyAWSTableNames
	keyAWSS3Bucket
	keyAWSSNSTopic
	keyEndUserID
	keyPeerService
	keyServicePeerName
	keyAWSService
	keyAWSLocalService
	keyAWSRemoteService
	keyAWSRemoteOperation
	keyRemoteTarget
	keyRemoteNamespace
	keyAWSSpanKind
	keyRPCService
	keyRPCSystem
	keyXRayAnnotations
	keyXRayInProgress
	keyCount int = iota
)

// Codes of attributes that stand where any may; the others have a code of
// their own. docs/protocol/otlp.md lists all of them: they are stored, so none
// may ever mean something else.
const (
	codeMetadata   = 'm' // the next member of metadata.default
	codeAnnotation = 'a' // the next annotation
	codeRenamed    = 'k' // the next annotation, whose key is the next of keys
	codeRaw        = 'r' // the next of raw
)

// knownKeys says of each known key what it is called and, where a block of the
// document can give the attribute back, its code.
var knownKeys = [keyCount]struct {
	name string
	code byte
}{
	keyHTTPMethod:                {"http.method", 'A'},
	keyHTTPRequestMethod:         {"http.request.method", 'B'},
	keyHTTPStatusCode:            {"http.status_code", 'C'},
	keyHTTPResponseStatusCode:    {"http.response.status_code", 'D'},
	keyHTTPUserAgent:             {"http.user_agent", 'E'},
	keyUserAgentOriginal:         {"user_agent.original", 'F'},
	keyHTTPClientIP:              {"http.client_ip", 'G'},
	keyClientAddress:             {"client.address", 'H'},
	keyNetPeerIP:                 {"net.peer.ip", 'I'},
	keyNetworkPeerAddress:        {"network.peer.address", 'J'},
	keyHTTPURL:                   {"http.url", 'K'},
	keyURLFull:                   {"url.full", 'L'},
	keyHTTPScheme:                {"http.scheme", 'M'},
	keyURLScheme:                 {"url.scheme", 'N'},
	keyHTTPHost:                  {"http.host", 'O'},
	keyHTTPTarget:                {"http.target", 'P'},
	keyURLPath:                   {"url.path", 'Q'},
	keyURLQuery:                  {"url.query", 'R'},
	keyHTTPServerName:            {"http.server_name", 'S'},
	keyNetHostName:               {"net.host.name", 'T'},
	keyServerAddress:             {"server.address", 'U'},
	keyHostName:                  {"host.name", 'V'},
	keyNetHostPort:               {"net.host.port", 'W'},
	keyServerPort:                {"server.port", 'X'},
	keyNetPeerName:               {"net.peer.name", 'Y'},
	keyNetPeerPort:               {"net.peer.port", 'Z'},
	keyHTTPResponseContentLength: {"http.response_content_length", '0'},
	keyHTTPResponseBodySize:      {"http.response.body.size", '1'},
	keyHTTPStatusText:            {"http.status_text", 0},
	keyPayloadSize:               {"messaging.message_payload_size_bytes", 0},
	keyMessageType:               {"message.type", 0},
	keyDBSystem:                  {"db.system", 'b'},
	keyDBSystemName:              {"db.system.name", 'c'},
	keyDBName:                    {"db.name", 'd'},
	keyDBNamespace:               {"db.namespace", 'e'},
	keyDBStatement:               {"db.statement", 'f'},
	keyDBQueryText:               {"db.query.text", 'g'},
	keyDBUser:                    {"db.user", 'h'},
	keyDBConnectionString:        {"db.connection_string", 'i'},
	keyAWSOperation:              {"aws.operation", 'j'},
	keyRPCMethod:                 {"rpc.method", 'l'},
	keyAWSAccountID:              {"aws.account_id", 'n'},
	keyCloudAccountID:            {"cloud.account.id", 'o'},
	keyAWSRegion:                 {"aws.region", 'p'},
	keyCloudRegion:               {"cloud.region", 'q'},
	keyAWSRequestID:              {"aws.request_id", 's'},
	keyAWSRequestIDCamel:         {"aws.requestId", 't'},
	keyAWSQueueURL:               {"aws.queue_url", 'u'},
	keyAWSQueueDotURL:            {"aws.queue.url", 'v'},
	keyAWSSQSQueueURL:            {"aws.sqs.queue.url", 'w'},
	keyMessagingURL:              {"messaging.url", 'x'},
	keyAWSTableName:              {"aws.table_name", 'y'},
	keyAWSTableDotName:           {"aws.table.name", 'z'},
	keyAWSTableNames:             {"aws.dynamodb.table_names", '2'},
	keyAWSS3Bucket:               {"aws.s3.bucket", '3'},
	keyAWSSNSTopic:               {"aws.sns.topic.arn", '4'},
	keyEndUserID:                 {"enduser.id", '5'},
	keyPeerService:               {"peer.service", 0},
	keyServicePeerName:           {"service.peer.name", 0},
	keyAWSService:                {"aws.service", 0},
	keyAWSLocalService:           {"aws.local.service", 0},
	keyAWSRemoteService:          {"aws.remote.service", 0},
	keyAWSRemoteOperation:        {"aws.remote.operation", 0},
	keyRemoteTarget:              {"remoteTarget", 0},
	keyRemoteNamespace:           {"K8s.RemoteNamespace", 0},
	keyAWSSpanKind:               {"aws.span.kind", 0},
	keyRPCService:                {"rpc.service", 0},
	keyRPCSystem:                 {"rpc.system", 0},
	keyXRayAnnotations:           {"aws.xray.annotations", 0},
	keyXRayInProgress:            {"aws.xray.inprogress", 0},
}

// keyOf finds a known key.
func keyOf(key []byte) knownKey {
	switch string(key) {
	case "http.method":
		return keyHTTPMethod
	case "http.request.method":
		return keyHTTPRequestMethod
	case "http.status_code":
		return keyHTTPStatusCode
	case "http.response.status_code":
		return keyHTTPResponseStatusCode
	case "http.user_agent":
		return keyHTTPUserAgent
	case "user_agent.original":
		return keyUserAgentOriginal
	case "http.client_ip":
		return keyHTTPClientIP
	case "client.address":
		return keyClientAddress
	case "net.peer.ip":
		return keyNetPeerIP
	case "network.peer.address":
		return keyNetworkPeerAddress
	case "http.url":
		return keyHTTPURL
	case "url.full":
		return keyURLFull
	case "http.scheme":
		return keyHTTPScheme
	case "url.scheme":
		return keyURLScheme
	case "http.host":
		return keyHTTPHost
	case "http.target":
		return keyHTTPTarget
	case "url.path":
		return keyURLPath
	case "url.query":
		return keyURLQuery
	case "http.server_name":
		return keyHTTPServerName
	case "net.host.name":
		return keyNetHostName
	case "server.address":
		return keyServerAddress
	case "host.name":
		return keyHostName
	case "net.host.port":
		return keyNetHostPort
	case "server.port":
		return keyServerPort
	case "net.peer.name":
		return keyNetPeerName
	case "net.peer.port":
		return keyNetPeerPort
	case "http.response_content_length":
		return keyHTTPResponseContentLength
	case "http.response.body.size":
		return keyHTTPResponseBodySize
	case "http.status_text":
		return keyHTTPStatusText
	case "messaging.message_payload_size_bytes":
		return keyPayloadSize
	case "message.type":
		return keyMessageType
	case "db.system":
		return keyDBSystem
	case "db.system.name":
		return keyDBSystemName
	case "db.name":
		return keyDBName
	case "db.namespace":
		return keyDBNamespace
	case "db.statement":
		return keyDBStatement
	case "db.query.text":
		return keyDBQueryText
	case "db.user":
		return keyDBUser
	case "db.connection_string":
		return keyDBConnectionString
	case "aws.operation":
		return keyAWSOperation
	case "rpc.method":
		return keyRPCMethod
	case "aws.account_id":
		return keyAWSAccountID
	case "cloud.account.id":
		return keyCloudAccountID
	case "aws.region":
		return keyAWSRegion
	case "cloud.region":
		return keyCloudRegion
	case "aws.request_id":
		return keyAWSRequestID
	case "aws.requestId":
		return keyAWSRequestIDCamel
	case "aws.queue_url":
		return keyAWSQueueURL
	case "aws.queue.url":
		return keyAWSQueueDotURL
	case "aws.sqs.queue.url":
		return keyAWSSQSQueueURL
	case "messaging.url":
		return keyMessagingURL
	case "aws.table_name":
		return keyAWSTableName
	case "aws.table.name":
		return keyAWSTableDotName
	case "aws.dynamodb.table_names":
		return keyAWSTableNames
	case "aws.s3.bucket":
		return keyAWSS3Bucket
	case "aws.sns.topic.arn":
		return keyAWSSNSTopic
	case "enduser.id":
		return keyEndUserID
	case "peer.service":
		return keyPeerService
	case "service.peer.name":
		return keyServicePeerName
	case "aws.service":
		return keyAWSService
	case "aws.local.service":
		return keyAWSLocalService
	case "aws.remote.service":
		return keyAWSRemoteService
	case "aws.remote.operation":
		return keyAWSRemoteOperation
	case "remoteTarget":
		return keyRemoteTarget
	case "K8s.RemoteNamespace":
		return keyRemoteNamespace
	case "aws.span.kind":
		return keyAWSSpanKind
	case "rpc.service":
		return keyRPCService
	case "rpc.system":
		return keyRPCSystem
	case "aws.xray.annotations":
		return keyXRayAnnotations
	case "aws.xray.inprogress":
		return keyXRayInProgress
	}
	return keyNone
}

// byCode finds the known key with that code; keyNone where no key has it.
func byCode(code byte) knownKey {
	for i := range knownKeys {
		if knownKeys[i].code == code && code != 0 {
			return knownKey(i)
		}
	}
	return keyNone
}

// httpKeys are those of which one makes an http block.
var httpKeys = [...]knownKey{
	keyHTTPMethod,
	keyHTTPRequestMethod,
	keyHTTPStatusCode,
	keyHTTPResponseStatusCode,
	keyHTTPUserAgent,
	keyHTTPClientIP,
	keyHTTPURL,
	keyHTTPScheme,
	keyHTTPHost,
	keyHTTPTarget,
	keyHTTPServerName,
	keyHTTPResponseContentLength,
	keyHTTPResponseBodySize,
}
