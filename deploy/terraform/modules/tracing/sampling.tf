# Rules are tried from the lowest priority up, and the first that matches decides. They bind SDKs that fetch rules through
# the agent: AWS's own, and AFIRGen's services beside Roentgen's agent. Beside AWS's daemon the services decide by
# XRAY_SAMPLING_RATE, which the task definitions set to the same number. They never record a probe, unless its caller asks
# for it.
#
# There is no rule for errors, and there must be none. A rule is evaluated when a request arrives, by its service, host,
# method and path; the status does not exist yet. A rule "100 % of errors" would match every request, and, standing before
# the others, record all of them.
#
# Errors are kept where the status is known, at the end, by the sidecar: Roentgen's agent holds what was not sampled until
# its trace has ended, and sends each trace with an error, a fault or a throttle after all, whole (docs/triggers.md). It does
# so in both ways to trace, and needs no file for it. AWS's daemon does not: with it a failed request that was not sampled
# leaves no trace, but its log line, with trace_id, status and error_type (log groups in logs.tf), and its count in /metrics.

resource "aws_xray_sampling_rule" "probes" {
  for_each = {
    for probe, rule in {
      health = { path = "/health", priority = 101 }
      livez  = { path = "/livez", priority = 102 }
      readyz = { path = "/readyz", priority = 103 }
    } : probe => rule if var.trace_to == "xray"
  }

  rule_name      = "afirgen-probe-${each.key}"
  priority       = each.value.priority
  version        = 1
  reservoir_size = 0
  fixed_rate     = 0
  service_name   = "afirgen-*"
  service_type   = "*"
  host           = "*"
  http_method    = "*"
  url_path       = each.value.path
  resource_arn   = "*"
  tags           = local.tags
}

# No reservoir: one request a second, before the rate counts, would be nearly all of them at a thousand requests a day.
resource "aws_xray_sampling_rule" "default" {
  for_each = local.xray

  rule_name      = "afirgen-default-sampling"
  priority       = 1000
  version        = 1
  reservoir_size = 0
  fixed_rate     = local.sampling_rate
  service_name   = "afirgen-*"
  service_type   = "*"
  host           = "*"
  http_method    = "*"
  url_path       = "*"
  resource_arn   = "*"
  tags           = local.tags
}
