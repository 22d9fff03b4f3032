package redact

// The structure of X-Ray's documents. Never written.
var (
	entityNames = newVocabulary(append(held("name", "id", "trace_id", "parent_id", "start_time", "end_time", "in_progress", "type",
		"namespace", "origin", "precursor_ids", "error", "throttle", "fault", "service", "resource_arn", "inferred", "parent"),
		place{name: "subsegments", role: subsegments},
		place{name: "links", role: links},
		place{name: "http", role: block, inside: httpNames},
		place{name: "aws", role: block, inside: awsNames},
		place{name: "sql", role: block, inside: sqlNames},
		place{name: "cause", role: block, inside: causeNames},
	)...)
	httpNames = newVocabulary(
		place{name: "request", role: block, inside: requestNames},
		place{name: "response", role: block, inside: responseNames},
	)
	requestNames = newVocabulary(append(held("method", "client_ip", "x_forwarded_for", "traced"),
		place{name: "url", role: address},
	)...)
	responseNames = newVocabulary(held("status", "content_length")...)
	// Ids, ARNs and names of resources stay, and what was done to which key is free data.
	awsNames = newVocabulary(held("account_id", "region", "operation", "request_id", "id_2", "queue_url", "table_name", "table_names",
		"topic_arn", "bucket_name", "function_name", "function_arn", "resource_names", "retries", "status_code", "ec2", "ecs", "eks",
		"elastic_beanstalk", "xray", "cloudwatch_logs", "api_gateway", "trace_header", "api_id")...)
	sqlNames = newVocabulary(append(held("database_type", "database_version", "driver_version", "user", "preparation"),
		place{name: "sanitized_query", role: statement},
		place{name: "url", role: connection},
		place{name: "connection_string", role: connection},
	)...)
	causeNames = newVocabulary(append(held("id", "working_directory", "paths"),
		place{name: "exceptions", role: exceptions},
	)...)
	exceptionNames = newVocabulary(held("id", "type", "remote", "truncated", "skipped", "cause", "stack")...)
	linkNames      = newVocabulary(held("trace_id", "id")...)
)

// held are names whose values are never looked at.
func held(names ...string) (places []place) {
	for _, name := range names {
		places = append(places, place{name: name, role: skipped})
	}
	return places
}
