package awssdk

import (
	"maps"
	"reflect"
	"slices"
	"strings"

	"go.opentelemetry.io/otel/attribute"
)

// Parameter is a field of a service's requests that may be recorded.
type Parameter struct {
	Service string // as on the map, without spaces: S3, SecretsManager
	Field   string // of the SDK's input, in any operation: Bucket
	Member  string // of the aws block: bucket_name
}

// builtin is what X-Ray's own SDKs record of these services, and Secrets Manager's name of the secret. It names where a
// call went, never what it said: object keys, for one, are left out, because people put names into them. Whoever
// knows that their keys are numbers adds {"S3", "Key", "key"}.
func builtin() []Parameter {
	return []Parameter{
		{"DynamoDB", "TableName", "table_name"},
		{"DynamoDB", "RequestItems", "table_names"}, // the tables, not the items
		{"DynamoDB", "IndexName", "index_name"},
		{"Lambda", "FunctionName", "function_name"},
		{"Lambda", "InvocationType", "invocation_type"},
		{"S3", "Bucket", "bucket_name"},
		{"SageMakerRuntime", "EndpointName", "endpoint_name"},
		{"SecretsManager", "SecretId", "secret_id"},
		{"SNS", "TopicArn", "topic_arn"},
		{"SQS", "QueueUrl", "queue_url"},
	}
}

// wanted sorts the built-in list and more by service.
func wanted(more []Parameter) map[string][]Parameter {
	byService := map[string][]Parameter{}
	for _, p := range append(builtin(), more...) {
		byService[p.Service] = append(byService[p.Service], p)
	}
	return byService
}

// memberPrefix makes an attribute a member of the aws block; see the SDK's README.
const memberPrefix = "aws.xray.aws."

// read appends the wanted fields of input, a pointer to an SDK's input, that are set. Strings, numbers and truths are
// recorded as they are, of maps the keys. Reflection costs less than to depend on every service's package.
func read(attrs []attribute.KeyValue, input any, wanted []Parameter) []attribute.KeyValue {
	v := reflect.Indirect(reflect.ValueOf(input))
	if v.Kind() != reflect.Struct {
		return attrs
	}
	for _, p := range wanted {
		f := v.FieldByName(p.Field)
		if f.IsValid() && f.Kind() == reflect.Pointer {
			f = f.Elem()
		}
		if kv, ok := member(p.Member, f); ok {
			attrs = append(attrs, kv)
		}
	}
	return attrs
}

func member(name string, f reflect.Value) (kv attribute.KeyValue, ok bool) {
	key := memberPrefix + name
	switch {
	case !f.IsValid():
	case f.Kind() == reflect.String:
		return attribute.String(key, f.String()), f.Len() > 0
	case f.Kind() == reflect.Bool:
		return attribute.Bool(key, f.Bool()), true
	case f.CanInt():
		return attribute.Int64(key, f.Int()), true
	case f.Kind() == reflect.Map && f.Type().Key().Kind() == reflect.String:
		names := map[string]bool{}
		for _, k := range f.MapKeys() {
			names[k.String()] = true
		}
		return attribute.StringSlice(key, slices.Sorted(maps.Keys(names))), len(names) > 0
	}
	return kv, false
}

// bucketOf finds what the URL may show of an S3 call.
func bucketOf(attrs []attribute.KeyValue) string {
	for _, a := range attrs {
		if a.Key == memberPrefix+"bucket_name" {
			return a.Value.AsString()
		}
	}
	return ""
}

// serviceName is the SDK's name of a service as it stands on X-Ray's map: one word.
func serviceName(id string) string { return strings.ReplaceAll(id, " ", "") }
