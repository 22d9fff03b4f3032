locals {
  error_graphs = [
    {
      title   = "Failures", stat = "Sum"
      metrics = [for name in ["APIFaults", "FIRNotDrafted", "DatabaseFailures", "ModelFailures", "ReadingFailures", "BreakerOpened"] : [local.namespace, name, { label = name }]]
    },
    {
      title   = "Refusals", stat = "Sum"
      metrics = [for name in ["APIRefusals", "RateLimited", "Unauthorized"] : [local.namespace, name, { label = name }]]
    },
  ]

  # A trace_id leads on: to the trace in the X-Ray console, and by it back to the lines of every service.
  error_tables = [
    {
      title = "Answers by status", view = "table", services = ["main_backend"]
      query = "filter msg = 'request' and status >= 400 | stats count() as answers by status | sort status"
    },
    {
      title = "Where and why", view = "table", services = keys(local.services)
      query = "filter msg = 'request' and status >= 400 | stats count() as answers by service, endpoint, status, error_type | sort answers desc | limit 50"
    },
    {
      title = "The latest faults, with their traces", view = "table", services = keys(local.services)
      query = "fields @timestamp, service, endpoint, status, error_type, error, trace_id, request_id | filter msg = 'request' and status >= 500 | sort @timestamp desc | limit 50"
    },
  ]
}
