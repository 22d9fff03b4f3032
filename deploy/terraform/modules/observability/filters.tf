# Metrics out of log lines: the services write one JSON object per line, with msg "request" for each answer but those to
# probes, and with msg "tracing" once a minute. Lines of level INFO are read here: LOG_LEVEL=WARN leaves the failures alone.
locals {
  counted = {
    APIRequests      = { group = "main_backend", pattern = "{ $.msg = \"request\" }" }
    APIFaults        = { group = "main_backend", pattern = "{ ($.msg = \"request\") && ($.status >= 500) }" }
    APIRefusals      = { group = "main_backend", pattern = "{ ($.msg = \"request\") && ($.status >= 400) && ($.status < 500) }" }
    FIRDrafted       = { group = "main_backend", pattern = "{ $.msg = \"report drafted\" }" }
    FIRNotDrafted    = { group = "main_backend", pattern = "{ $.msg = \"report not drafted\" }" }
    DatabaseFailures = { group = "main_backend", pattern = "{ ($.msg = \"request\") && (($.error_type = \"store_failed\") || ($.error_type = \"store_unavailable\")) }" }
    RateLimited      = { group = "main_backend", pattern = "{ ($.msg = \"request\") && ($.status = 429) }" }
    Unauthorized     = { group = "main_backend", pattern = "{ ($.msg = \"request\") && ($.status = 401) }" }
    BreakerOpened    = { group = "main_backend", pattern = "{ ($.msg = \"a breaker has changed\") && ($.to = \"open\") }" }
    ModelFailures    = { group = "gguf_server", pattern = "{ ($.msg = \"request\") && ($.endpoint = \"/inference\") && ($.status >= 500) }" }
    ReadingFailures  = { group = "asr_ocr_server", pattern = "{ ($.msg = \"request\") && ($.status >= 500) }" }
  }

  # How long something took, or how much there was: the value stands in the line.
  measured = {
    APILatency             = { group = "main_backend", pattern = "{ $.msg = \"request\" }", value = "$.duration_ms", unit = "Milliseconds" }
    ModelInferenceDuration = { group = "gguf_server", pattern = "{ ($.msg = \"request\") && ($.endpoint = \"/inference\") }", value = "$.duration_ms", unit = "Milliseconds" }
    ReadingDuration        = { group = "asr_ocr_server", pattern = "{ ($.msg = \"request\") && (($.endpoint = \"/ocr\") || ($.endpoint = \"/asr\")) }", value = "$.duration_ms", unit = "Milliseconds" }
  }

  # What the three services send to their sidecars, and what each sidecar makes of it: one metric each, fed by three groups.
  sent = {
    TraceDocumentsSent    = "$.documents_sent"
    TraceDocumentsNotSent = "$.documents_not_sent"
  }
  ledger = {
    AgentDocumentsReceived = "$.received"
    AgentDocumentsStored   = "$.stored"
    AgentDocumentsRejected = "$.rejected"
    AgentDocumentsLost     = "$.lost"
    AgentDocumentsWaiting  = "$.waiting"
  }

  from_services = merge([for service in keys(local.services) : {
    for name, value in local.sent : "${name}-${local.services[service]}" => {
      metric = name, group = service, pattern = "{ $.msg = \"tracing\" }", value = value, unit = "Count"
    }
  }]...)

  from_agents = merge([for service in keys(local.services) : {
    for name, value in local.ledger : "${name}-${local.services[service]}" => {
      metric = name, group = "${service}_agent", pattern = "{ $.msg = \"ledger\" }", value = value, unit = "Count"
    } if var.roentgen_agent
  }]...)
}

# Where no line matches in a minute that has lines, 0 is published: a failure that does not happen is data too.
resource "aws_cloudwatch_log_metric_filter" "counted" {
  for_each = local.counted

  name           = "${local.prefix}-${each.key}"
  log_group_name = var.log_group_names[each.value.group]
  pattern        = each.value.pattern

  metric_transformation {
    namespace     = local.namespace
    name          = each.key
    value         = "1"
    default_value = "0"
    unit          = "Count"
  }
}

# No default here: a 0 that nobody measured would make averages and percentiles better than they are.
resource "aws_cloudwatch_log_metric_filter" "measured" {
  for_each = local.measured

  name           = "${local.prefix}-${each.key}"
  log_group_name = var.log_group_names[each.value.group]
  pattern        = each.value.pattern

  metric_transformation {
    namespace = local.namespace
    name      = each.key
    value     = each.value.value
    unit      = each.value.unit
  }
}

resource "aws_cloudwatch_log_metric_filter" "tracing" {
  for_each = merge(local.from_services, local.from_agents)

  name           = "${local.prefix}-${each.key}"
  log_group_name = var.log_group_names[each.value.group]
  pattern        = each.value.pattern

  metric_transformation {
    namespace = local.namespace
    name      = each.value.metric
    value     = each.value.value
    unit      = each.value.unit
  }
}
