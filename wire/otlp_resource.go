package wire

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/roentgen/roentgen"
)

// resourceWork is what a resource says, made once for all of its spans:
// pieces of text to copy and values to share.
type resourceWork struct {
	service   []byte // its service.name
	language  string // of its SDK
	head      []byte // members origin and service, each with a comma before it
	origin    string
	elsewhere bool   // it runs in a cloud that is not AWS: there is no aws block
	account   []byte // member account_id of aws, with a comma behind it
	blocks    []byte // the other members of aws
	aws       *roentgen.AWS
	index     []byte // annotations, with commas between
	indexed   []roentgen.Annotation
	metadata  []byte // members of metadata.default, with commas between
	side      []byte // members of otlp, each with a comma before it
}

// resourceAttributes are a resource's attributes by key.
type resourceAttributes struct{ list []attribute }

func (r resourceAttributes) find(key string) *anyValue {
	for i := range r.list {
		if string(r.list[i].key) == key {
			return &r.list[i].value
		}
	}
	return nil
}

// text returns the first of these that is a string and not empty.
func (r resourceAttributes) text(keys ...string) string {
	for _, key := range keys {
		if v := r.find(key); v != nil && v.kind == anyString && len(v.text) > 0 {
			return string(unescape(nil, contentOf(v.text)))
		}
	}
	return ""
}

// contentOf returns what stands between the quotes of s as JSON.
func contentOf(s []byte) []byte {
	out, _, _ := appendText(nil, s)
	return out[1 : len(out)-1]
}

// readResource does the work of a ResourceSpans that is the same for all of
// its spans.
func (p *SpanParser) readResource(b []byte) {
	p.resource = resourceWork{}
	r := &p.resource
	var resource, schema []byte
	f := protoFields{rest: b}
	for f.next() {
		switch f.tag {
		case 1<<3 | tagBytes:
			resource = f.val
		case 3<<3 | tagBytes:
			schema = f.val
		}
	}
	if len(resource) > 0 {
		r.side = p.appendResource(append(r.side, `,"resource":`...), resource)
	}
	if len(schema) > 0 {
		r.side, _, _ = appendText(append(r.side, `,"resource_schema":`...), schema)
	}
	var attrs resourceAttributes
	for f := (protoFields{rest: resource}); f.next() || f.broken; {
		if f.broken {
			p.broken = true
			break
		}
		if f.tag == 1<<3|tagBytes {
			a, ok := readAttribute(f.val)
			p.broken = p.broken || !ok
			attrs.list = append(attrs.list, a)
		}
	}
	if v := attrs.find("service.name"); v != nil && v.kind == anyString {
		r.service = v.text
	}
	r.language = attrs.text("telemetry.sdk.language")
	p.resourceTables(attrs)
	r.head = r.describe(attrs)
	r.elsewhere = attrs.text("cloud.provider") != "" && attrs.text("cloud.provider") != "aws"
	r.platform(attrs)
}

// appendResource writes a Resource as an object of its attributes, or in base64
// where it has more, or JSON cannot tell one of them.
func (p *SpanParser) appendResource(dst, resource []byte) []byte {
	from, w := len(dst), &p.build.values
	w.inexact = false
	dst = w.members(dst, resource, 3) // a KeyValueList has its attributes in the same field
	if w.inexact {
		dst = appendBase64(dst[:from], resource)
	}
	return dst
}

// resourceTables divides the attributes between annotations and metadata.
func (p *SpanParser) resourceTables(attrs resourceAttributes) {
	r := &p.resource
	var index, metadata keySet
	for i := range attrs.list {
		a := attrs.list[i]
		a.key = append([]byte(resourcePrefix), a.key...)
		if p.index.names(a.key) && len(r.indexed) < p.lim.MaxAnnotations && p.indexResource(&a, &index) {
			continue
		}
		if !metadata.add(a.key) {
			continue
		}
		if len(r.metadata) > 0 {
			r.metadata = append(r.metadata, ',')
		}
		r.metadata = p.build.values.member(r.metadata, &a, 3)
	}
}

func (p *SpanParser) indexResource(a *attribute, seen *keySet) bool {
	r := &p.resource
	key := cleanKey(a.key)
	value, ok := annotationOf(&a.value)
	if !ok || key == nil || !seen.add(key) {
		return false
	}
	if len(r.index) > 0 {
		r.index = append(r.index, ',')
	}
	r.index = append(append(append(r.index, '"'), key...), '"', ':')
	from := len(r.index)
	r.index = p.build.values.value(r.index, &a.value, 3)
	if value.Kind == roentgen.StringValue {
		value.String = string(unescape(nil, r.index[from+1:len(r.index)-1]))
	}
	r.indexed = append(r.indexed, roentgen.Annotation{Key: string(key), Value: value})
	return true
}

// describe returns origin and service.
func (r *resourceWork) describe(attrs resourceAttributes) (head []byte) {
	if r.origin = originOf(attrs); r.origin != "" {
		head = AppendString(append(head, `,"origin":`...), r.origin)
	}
	version := attrs.text("service.version", "container.image.tag")
	if v := attrs.find("container.image.tags"); version == "" && v != nil && v.kind == anyArray {
		version = firstString(v.text)
	}
	if version != "" {
		head = append(AppendString(append(head, `,"service":{"version":`...), version), '}')
	}
	return head
}

func firstString(list []byte) string {
	f := protoFields{rest: list}
	for f.next() {
		if v, ok := readAny(f.val); ok && v.kind == anyString {
			return string(unescape(nil, contentOf(v.text)))
		}
	}
	return ""
}

// originOf names the platform as X-Ray does; empty where it is none of AWS's.
func originOf(attrs resourceAttributes) string {
	if provider := attrs.text("cloud.provider"); provider != "" && provider != "aws" {
		return ""
	}
	switch attrs.text("cloud.platform") {
	case "aws_app_runner":
		return "AWS::AppRunner::Service"
	case "aws_eks":
		return "AWS::EKS::Container"
	case "aws_elastic_beanstalk":
		return "AWS::ElasticBeanstalk::Environment"
	case "aws_ecs":
		switch strings.ToLower(attrs.text("aws.ecs.launchtype")) {
		case "ec2":
			return "AWS::ECS::EC2"
		case "fargate":
			return "AWS::ECS::Fargate"
		}
		return "AWS::ECS::Container"
	case "aws_ec2":
		return "AWS::EC2::Instance"
	}
	return ""
}

// platform writes what the aws block says of where the code runs.
func (r *resourceWork) platform(attrs resourceAttributes) {
	if r.elsewhere {
		return
	}
	r.aws = new(roentgen.AWS)
	if r.aws.AccountID = attrs.text("cloud.account.id"); r.aws.AccountID != "" {
		r.account = append(AppendString(append(r.account, `"account_id":`...), r.aws.AccountID), ',')
	}
	platform := attrs.text("cloud.platform")
	w := objectWriter{b: r.blocks}
	zone := attrs.text("cloud.availability_zone")
	if id := attrs.text("host.id"); platform == "aws_ec2" || id != "" {
		w.open("ec2")
		w.text("instance_id", id)
		w.text("instance_size", attrs.text("host.type"))
		w.text("ami_id", attrs.text("host.image.id"))
		w.text("availability_zone", zone)
		w.close()
		r.aws.InstanceID, r.aws.AvailabilityZone = id, zone
	}
	if platform == "aws_ecs" {
		r.ecs(&w, attrs, zone)
	}
	if cluster := attrs.text("k8s.cluster.name"); platform == "aws_eks" || cluster != "" {
		w.open("eks")
		w.text("cluster_name", cluster)
		w.text("pod", attrs.text("k8s.pod.name"))
		w.text("container_id", attrs.text("container.id"))
		w.close()
	}
	beanstalk(&w, platform, attrs)
	logGroups(&w, attrs)
	sdkBlock(&w, attrs)
	r.blocks = w.b
}

func (r *resourceWork) ecs(w *objectWriter, attrs resourceAttributes, zone string) {
	arn := attrs.text("aws.ecs.container.arn")
	w.open("ecs")
	w.text("container", attrs.text("container.name"))
	w.text("container_id", attrs.text("container.id"))
	w.text("container_arn", arn)
	w.text("cluster_arn", attrs.text("aws.ecs.cluster.arn"))
	w.text("task_arn", attrs.text("aws.ecs.task.arn"))
	w.text("task_family", attrs.text("aws.ecs.task.family"))
	w.text("launch_type", attrs.text("aws.ecs.launchtype"))
	w.text("availability_zone", zone)
	w.close()
	r.aws.ContainerARN = arn
	if r.aws.AvailabilityZone == "" {
		r.aws.AvailabilityZone = zone
	}
}

func beanstalk(w *objectWriter, platform string, attrs resourceAttributes) {
	id := attrs.text("service.instance.id")
	if platform != "aws_elastic_beanstalk" || id == "" {
		return
	}
	w.open("elastic_beanstalk")
	if n, err := strconv.ParseInt(id, 10, 64); err == nil {
		w.raw("deployment_id", strconv.AppendInt(nil, n, 10))
	}
	w.text("environment_name", attrs.text("service.namespace"))
	w.text("version_label", attrs.text("service.version"))
	w.close()
}

// logGroups names the log groups of CloudWatch: by ARN, else by name.
func logGroups(w *objectWriter, attrs resourceAttributes) {
	arns, names := stringsOf(attrs.find("aws.log.group.arns")), []string(nil)
	if len(arns) == 0 {
		names = stringsOf(attrs.find("aws.log.group.names"))
	}
	if len(arns)+len(names) == 0 {
		return
	}
	list := []byte{'['}
	for _, arn := range arns {
		g := objectWriter{b: append(list, '{')}
		g.text("arn", arn)
		g.text("log_group", groupOf(arn))
		list = append(g.b, '}', ',')
	}
	for _, name := range names {
		g := objectWriter{b: append(list, '{')}
		g.text("log_group", name)
		list = append(g.b, '}', ',')
	}
	w.raw("cloudwatch_logs", append(bytes.TrimSuffix(list, []byte(",")), ']'))
}

// groupOf is the name in arn:aws:logs:region:account:log-group:NAME:*.
func groupOf(arn string) string {
	if parts := strings.Split(arn, ":"); len(parts) > 6 {
		return parts[6]
	}
	return ""
}

// stringsOf reads a list of strings, or one string with & between.
func stringsOf(v *anyValue) (out []string) {
	if v == nil {
		return nil
	}
	if v.kind == anyString {
		return strings.FieldsFunc(string(unescape(nil, contentOf(v.text))), func(r rune) bool { return r == '&' })
	}
	if v.kind != anyArray {
		return nil
	}
	f := protoFields{rest: v.text}
	for f.next() {
		if e, ok := readAny(f.val); ok && e.kind == anyString {
			out = append(out, string(unescape(nil, contentOf(e.text))))
		}
	}
	return out
}

// sdkBlock says which SDK made the span.
func sdkBlock(w *objectWriter, attrs resourceAttributes) {
	sdk := attrs.text("telemetry.sdk.name")
	if sdk == "" {
		sdk = "opentelemetry"
	}
	if language := attrs.text("telemetry.sdk.language"); language != "" {
		sdk += " for " + language
	}
	w.open("xray")
	w.text("sdk", sdk)
	w.text("sdk_version", attrs.text("telemetry.sdk.version"))
	if attrs.text("telemetry.auto.version", "telemetry.distro.version") != "" {
		w.raw("auto_instrumentation", []byte("true"))
	}
	w.close()
}

// readScope makes the members of otlp that say who wrote the spans.
func (p *SpanParser) readScope(b []byte) {
	p.scope = p.scope[:0]
	var scope, schema []byte
	f := protoFields{rest: b}
	for f.next() {
		switch f.tag {
		case 1<<3 | tagBytes:
			scope = f.val
		case 3<<3 | tagBytes:
			schema = f.val
		}
	}
	if len(scope) > 0 {
		p.scope = p.appendScope(append(p.scope, `,"scope":`...), scope)
	}
	if len(schema) > 0 {
		p.scope, _, _ = appendText(append(p.scope, `,"schema":`...), schema)
	}
}

// appendScope writes a scope as an object, or in base64 where it has more than
// name and version.
func (p *SpanParser) appendScope(dst, scope []byte) []byte {
	w := objectWriter{b: append(dst, '{')}
	var name, version []byte
	f := protoFields{rest: scope}
	plain := true
	for f.next() {
		switch f.tag {
		case 1<<3 | tagBytes:
			name = f.val
		case 2<<3 | tagBytes:
			version = f.val
		default:
			plain = false
		}
	}
	p.broken = p.broken || f.broken
	if !plain {
		return appendBase64(dst, scope)
	}
	w.bytes("name", name)
	w.bytes("version", version)
	return append(w.b, '}')
}
