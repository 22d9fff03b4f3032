package wire

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/roentgen/roentgen"
)

// kinship says to which segment the entities of a trace belong.
type kinship struct {
	parent map[roentgen.SegmentID]roentgen.SegmentID
	names  map[roentgen.SegmentID]string // of segments
}

func newKinship(docs []*roentgen.Segment) kinship {
	k := kinship{map[roentgen.SegmentID]roentgen.SegmentID{}, map[roentgen.SegmentID]string{}}
	for _, s := range docs {
		if s.Kind == roentgen.KindSegment {
			k.names[s.ID] = s.Name
		}
		k.parent[s.ID] = s.Parent
		k.enter(s)
	}
	return k
}

func (k kinship) enter(s *roentgen.Segment) {
	for i := range s.Subsegments {
		c := &s.Subsegments[i]
		if _, known := k.parent[c.ID]; !known {
			k.parent[c.ID] = s.ID
		}
		k.enter(c)
	}
}

// service returns the name of the segment that id is part of; "" where that
// has not arrived.
func (k kinship) service(id roentgen.SegmentID) string {
	for range len(k.parent) + 1 { // documents may name each other as parents
		if name, found := k.names[id]; found {
			return name
		}
		up, known := k.parent[id]
		if !known {
			return ""
		}
		id = up
	}
	return ""
}

// translated gives spans for a document of X-Ray, in the way of its receiver.
func (g *spanGroups) translated(doc *tree, s *roentgen.Segment, kin kinship) {
	x := translator{trace: s.Trace, doc: doc}
	x.out = g.group(x.resource(kin.service(s.ID)), "", "", "")
	x.entity(doc, s.Parent, s.Kind == roentgen.KindSegment)
}

// translator makes spans of one document.
type translator struct {
	trace roentgen.TraceID
	doc   *tree
	out   *scopeGroup
}

// pairs gathers attributes as fields of a message.
type pairs struct {
	b   []byte
	num protoNumber
}

func (p *pairs) text(key, value string) {
	if value != "" {
		p.b = appendPair(p.b, p.num, key, appendString(nil, 1, value))
	}
}

// value adds what the document has there; nothing for null.
func (p *pairs) value(key string, t *tree) {
	if t.kind != kindNull {
		p.b = appendPair(p.b, p.num, key, t.appendAny(nil))
	}
}

// xrayPlatforms are X-Ray's origins in the words of OpenTelemetry.
var xrayPlatforms = map[string]string{
	"AWS::AppRunner::Service": "aws_app_runner", "AWS::EKS::Container": "aws_eks",
	"AWS::ElasticBeanstalk::Environment": "aws_elastic_beanstalk", "AWS::ECS::Container": "aws_ecs",
	"AWS::ECS::EC2": "aws_ecs", "AWS::ECS::Fargate": "aws_ecs", "AWS::EC2::Instance": "aws_ec2",
	"AWS::Lambda": "aws_lambda", "AWS::Lambda::Function": "aws_lambda",
}

// resource says where the code runs.
func (x *translator) resource(service string) string {
	p := pairs{num: 1}
	p.text("service.name", service)
	origin := x.doc.at("origin").string()
	provider := "aws"
	if origin == "" {
		provider = "unknown"
	}
	p.text("cloud.provider", provider)
	p.text("cloud.platform", xrayPlatforms[origin])
	p.text("service.version", x.doc.at("service", "version").string())
	aws := x.doc.at("aws")
	p.text("cloud.account.id", aws.at("account_id").string())
	for _, m := range xrayResource {
		p.value(m.key, aws.at(m.path...))
	}
	x.sdk(&p, aws.at("xray"))
	groups := pairs{num: 1}
	for _, group := range aws.at("cloudwatch_logs").list() {
		groups.b = appendField(groups.b, 1, group.at("log_group").appendAny(nil))
	}
	if len(groups.b) > 0 {
		p.b = appendPair(p.b, 1, "aws.log.group.names", appendField(nil, 5, groups.b))
	}
	return string(p.b)
}

// xrayResource is where the aws block has attributes of a resource.
var xrayResource = [...]struct {
	key  string
	path []string
}{
	{"host.id", []string{"ec2", "instance_id"}},
	{"host.type", []string{"ec2", "instance_size"}},
	{"host.image.id", []string{"ec2", "ami_id"}},
	{"cloud.availability_zone", []string{"ec2", "availability_zone"}},
	{"container.name", []string{"ecs", "container"}},
	{"container.id", []string{"ecs", "container_id"}},
	{"aws.ecs.container.arn", []string{"ecs", "container_arn"}},
	{"aws.ecs.cluster.arn", []string{"ecs", "cluster_arn"}},
	{"aws.ecs.task.arn", []string{"ecs", "task_arn"}},
	{"aws.ecs.task.family", []string{"ecs", "task_family"}},
	{"aws.ecs.launchtype", []string{"ecs", "launch_type"}},
	{"k8s.cluster.name", []string{"eks", "cluster_name"}},
	{"k8s.pod.name", []string{"eks", "pod"}},
	{"service.namespace", []string{"elastic_beanstalk", "environment_name"}},
	{"service.instance.id", []string{"elastic_beanstalk", "deployment_id"}},
}

// sdk says which SDK made the document: "X-Ray for Go" is of Go.
func (x *translator) sdk(p *pairs, block *tree) {
	name := block.at("sdk").string()
	p.text("telemetry.sdk.name", name)
	p.text("telemetry.sdk.version", block.at("sdk_version").string())
	if _, language, found := strings.Cut(name, "for "); found {
		p.text("telemetry.sdk.language", strings.ToLower(language))
	}
	if block.at("auto_instrumentation").isTrue() {
		p.text("telemetry.auto.version", "unknown")
	}
}

// entity makes the span of a segment or subsegment, and those of what is
// embedded in it.
func (x *translator) entity(e *tree, parent roentgen.SegmentID, segment bool) {
	id, ok := roentgen.DecodeSegmentID(e.at("id").string())
	if !ok {
		return
	}
	out := appendField(nil, 1, x.trace[:])
	out = appendField(out, 2, id[:])
	if !parent.IsZero() {
		out = appendField(out, 4, parent[:])
	}
	out = appendString(out, 5, e.at("name").string())
	out = appendVarint(out, 6, kindOfEntity(e, segment))
	out = appendFixed64(out, 7, e.at("start_time").seconds())
	out = appendFixed64(out, 8, e.at("end_time").seconds())
	p := pairs{b: out, num: 9}
	x.attributes(&p, e)
	out = x.exceptions(p.b, e)
	for _, l := range e.at("links").list() {
		out = appendField(out, 13, linkOf(&l, none()))
	}
	x.out.add(statusOf(out, e))
	for _, c := range e.at("subsegments").list() {
		x.entity(&c, id, false)
	}
}

func kindOfEntity(e *tree, segment bool) uint64 {
	namespace := e.at("namespace").string()
	switch {
	case segment || e.at("http", "request", "client_ip").string() != "":
		return kindServer
	case namespace == "aws" || namespace == "remote":
		return kindClient
	}
	return kindInternal
}

func statusOf(out []byte, e *tree) []byte {
	failed := e.at("error").isTrue() || e.at("fault").isTrue() || e.at("throttle").isTrue()
	message := e.at("cause").string()
	if !failed && message == "" {
		return out
	}
	status := appendString(nil, 2, message)
	if failed {
		status = appendVarint(status, 3, statusError)
	}
	return appendField(out, 15, status)
}

// xrayAttributes is where an entity has what OpenTelemetry has attributes
// for.
var xrayAttributes = [...]struct {
	key  string
	path []string
}{
	{"enduser.id", []string{"user"}},
	{"http.method", []string{"http", "request", "method"}},
	{"http.url", []string{"http", "request", "url"}},
	{"http.user_agent", []string{"http", "request", "user_agent"}},
	{"http.client_ip", []string{"http", "request", "client_ip"}},
	{"aws.xray.x_forwarded_for", []string{"http", "request", "x_forwarded_for"}},
	{"aws.xray.traced", []string{"http", "request", "traced"}},
	{"http.status_code", []string{"http", "response", "status"}},
	{"http.response_content_length", []string{"http", "response", "content_length"}},
	{"aws.operation", []string{"aws", "operation"}},
	{"aws.account_id", []string{"aws", "account_id"}},
	{"aws.region", []string{"aws", "region"}},
	{"aws.request_id", []string{"aws", "request_id"}},
	{"aws.queue_url", []string{"aws", "queue_url"}},
	{"aws.table_name", []string{"aws", "table_name"}},
	{"aws.table_names", []string{"aws", "table_names"}},
	{"aws.xray.retries", []string{"aws", "retries"}},
	{"db.connection_string", []string{"sql", "connection_string"}},
	{"db.system", []string{"sql", "database_type"}},
	{"db.statement", []string{"sql", "sanitized_query"}},
	{"db.user", []string{"sql", "user"}},
	{"aws.xray.traced", []string{"traced"}},
	{"aws.xray.inprogress", []string{"in_progress"}},
	{"aws.xray.resource_arn", []string{"resource_arn"}},
}

func (x *translator) attributes(p *pairs, e *tree) {
	if e.at("namespace").string() == "aws" {
		p.text("aws.service", e.at("name").string())
	}
	for _, m := range xrayAttributes {
		p.value(m.key, e.at(m.path...))
	}
	if url := splitURL([]byte(e.at("sql", "url").string())); url.absolute {
		p.text("db.name", string(bytes.TrimPrefix(url.path, []byte("/"))))
	}
	annotations := e.at("annotations")
	var indexed []byte
	for i, key := range annotations.keys {
		p.value(key, &annotations.children[i])
		indexed = appendField(indexed, 1, appendString(nil, 1, key))
	}
	if len(indexed) > 0 {
		p.b = appendPair(p.b, 9, "aws.xray.annotations", appendField(nil, 5, indexed))
	}
	metadata := e.at("metadata")
	for i, namespace := range metadata.keys {
		p.text(string(metadataPrefix)+namespace, string(metadata.children[i].appendJSON(nil)))
	}
}

// appendJSON writes the value as JSON.
func (t *tree) appendJSON(dst []byte) []byte {
	switch t.kind {
	case kindString:
		return AppendString(dst, t.text)
	case kindArray:
		dst = append(dst, '[')
		for i := range t.children {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = t.children[i].appendJSON(dst)
		}
		return append(dst, ']')
	case kindObject:
		dst = append(dst, '{')
		for i, key := range t.keys {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = t.children[i].appendJSON(append(AppendString(dst, key), ':'))
		}
		return append(dst, '}')
	}
	return append(dst, t.text...)
}

// exceptions makes an event of each exception, at the time when the entity
// ended.
func (x *translator) exceptions(out []byte, e *tree) []byte {
	at := e.at("end_time").seconds()
	if at == 0 {
		at = e.at("start_time").seconds()
	}
	for _, ex := range e.at("cause", "exceptions").list() {
		event := appendString(appendFixed64(nil, 1, at), 2, exceptionEvent)
		p := pairs{b: event, num: 3}
		p.text(exceptionType, ex.at("type").string())
		p.text(exceptionMessage, ex.at("message").string())
		p.text(exceptionStack, stackText(&ex))
		p.text("aws.xray.exception.id", ex.at("id").string())
		for _, key := range []string{"remote", "truncated", "skipped", "cause"} {
			p.value("aws.xray.exception."+key, ex.at(key))
		}
		out = appendField(out, 11, p.b)
	}
	return out
}

// stackText writes a stack as Java prints it.
func stackText(ex *tree) string {
	frames := ex.at("stack").list()
	if len(frames) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString(strings.TrimSuffix(ex.at("type").string()+": "+ex.at("message").string(), ": "))
	for _, f := range frames {
		line, _ := f.at("line").int()
		b.WriteString("\n\tat " + f.at("label").string() + "(" + f.at("path").string() + ":" + strconv.FormatUint(line, 10) + ")")
	}
	return b.String() + "\n"
}
