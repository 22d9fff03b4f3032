locals {
  performance_graphs = [
    {
      title = "Backend in milliseconds", stat = "Average"
      metrics = [
        [local.namespace, "APILatency", { label = "average" }],
        [local.namespace, "APILatency", { stat = "p95", label = "p95" }],
        [local.namespace, "APILatency", { stat = "p99", label = "p99" }],
      ]
    },
    {
      title = "Models in milliseconds", stat = "Average"
      metrics = [
        [local.namespace, "ModelInferenceDuration", { label = "average" }],
        [local.namespace, "ModelInferenceDuration", { stat = "p95", label = "p95" }],
        [local.namespace, "ModelInferenceDuration", { stat = "Maximum", label = "slowest" }],
      ]
    },
    {
      title = "Recordings and images in milliseconds", stat = "Average"
      metrics = [
        [local.namespace, "ReadingDuration", { label = "average" }],
        [local.namespace, "ReadingDuration", { stat = "p95", label = "p95" }],
        [local.namespace, "ReadingDuration", { stat = "Maximum", label = "slowest" }],
      ]
    },
  ]

  database_latency_graphs = [
    {
      title = "Disk of the database, in seconds", stat = "Average"
      metrics = [
        ["AWS/RDS", "ReadLatency", "DBInstanceIdentifier", var.database_identifier, { label = "read" }],
        ["AWS/RDS", "WriteLatency", "DBInstanceIdentifier", var.database_identifier, { label = "write" }],
      ]
    },
  ]

  performance_tables = [
    {
      title = "By endpoint, in milliseconds", view = "table", services = keys(local.services)
      query = "filter msg = 'request' | stats count() as requests, avg(duration_ms) as average, pct(duration_ms, 95) as p95, pct(duration_ms, 99) as p99, max(duration_ms) as slowest by service, endpoint | sort p95 desc"
    },
    {
      title = "The slowest requests, with their traces", view = "table", services = keys(local.services)
      query = "fields @timestamp, service, endpoint, status, duration_ms, trace_id, request_id | filter msg = 'request' | sort duration_ms desc | limit 50"
    },
  ]
}
