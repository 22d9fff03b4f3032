# Alarms on one metric. Each says what to look at: the runbook is the guide docs/guides/observe-afirgen.md.
#
# missing is what no data means. Where AWS publishes only while something runs, none is the failure itself ("breaching").
# Where a line of a log makes the data, none is silence, and silence is well ("notBreaching").
locals {
  of_the_log = {
    fir-generation-failures = {
      metric = "FIRNotDrafted", statistic = "Sum", threshold = 5, period = 300, periods = 1
      says   = "More than 5 reports could not be drafted in five minutes. Search the log of main-backend for msg \"report not drafted\": error_type says why, trace_id leads to the trace."
    }
    database-failures = {
      metric = "DatabaseFailures", statistic = "Sum", threshold = 10, period = 300, periods = 1
      says   = "The database refused more than 10 requests in five minutes. Look at the database's CPU, connections and storage, and at error_type store_failed or store_unavailable in the log of main-backend."
    }
    high-rate-limiting = {
      metric = "RateLimited", statistic = "Sum", threshold = 100, period = 300, periods = 2
      says   = "More than 100 requests in five minutes were over the rate limit, twice in a row. Look at client_ip in the log of main-backend: one is a client to talk to or to block, many mean that RATE_LIMIT_REQUESTS is too low."
    }
    auth-failures = {
      metric = "Unauthorized", statistic = "Sum", threshold = 50, period = 300, periods = 1
      says   = "More than 50 requests in five minutes had no key or a wrong one. Look at client_ip in the log of main-backend: a client with an old key, or somebody who tries keys."
    }
    breaker-open = {
      metric = "BreakerOpened", statistic = "Sum", threshold = 0, period = 300, periods = 1
      says   = "The backend gave up calling a model server for a minute. Look at the log of main-backend for which neighbour it is, then at that service's log and tasks."
    }
    slow-model-inference = {
      metric = "ModelInferenceDuration", statistic = "Average", threshold = 10000, period = 300, periods = 2
      says   = "An inference took more than 10 s on average for ten minutes. Look at the CPU of gguf-server: add tasks, or CPU to each."
    }
    traces-not-sent = {
      metric = "TraceDocumentsNotSent", statistic = "Sum", threshold = 0, period = 300, periods = 2
      says   = "Services could not hand trace documents to their sidecar for ten minutes. Look whether the container xray-agent runs in each task."
    }
    agent-documents-lost = {
      metric = "AgentDocumentsLost", statistic = "Sum", threshold = 0, period = 300, periods = 1, when = var.roentgen_agent
      says   = "A sidecar lost trace documents. Look at its log: the warnings before the line \"ledger\" name the cause."
    }
    agent-documents-rejected = {
      metric = "AgentDocumentsRejected", statistic = "Sum", threshold = 0, period = 300, periods = 2, when = var.roentgen_agent
      says   = "A sidecar or its upstream refused trace documents for ten minutes. Look at its log, which has a warning with code and id for each."
    }
  }

  of_aws = merge({
    no-healthy-backend = {
      namespace  = "AWS/ApplicationELB", metric = "HealthyHostCount", statistic = "Minimum", less_than = 1, period = 60, periods = 3
      dimensions = { LoadBalancer = var.alb_arn_suffix, TargetGroup = var.target_group_arn_suffix }
      says       = "The load balancer has no healthy main-backend. Look at the events of the ECS service, then at the log of main-backend and at what GET /readyz says is missing."
    }
    }, {
    for key, service in local.services : "no-${service}" => {
      # A service without a running task has no data at all, which is why no data is the alarm.
      namespace  = "AWS/ECS", metric = "CPUUtilization", statistic = "SampleCount", less_than = 1, period = 60, periods = 3
      dimensions = { ClusterName = var.cluster_name, ServiceName = var.service_names[key] }
      says       = "No task of ${service} has been running for three minutes. Look at the events of the ECS service and at why its last task stopped."
    }
  })

  of_the_database = {
    database-cpu = {
      metric = "CPUUtilization", statistic = "Average", comparison = "GreaterThanThreshold", threshold = 80, period = 300, periods = 3
      says   = "The database has been above 80 % CPU for fifteen minutes. Look at its slow statements, or give it a larger instance."
    }
    database-storage = {
      metric = "FreeStorageSpace", statistic = "Minimum", comparison = "LessThanThreshold", threshold = 2147483648, period = 300, periods = 1
      says   = "The database has less than 2 GiB of storage left: without room it stops taking reports. Look what fills it, and enlarge it."
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "of_the_log" {
  for_each = { for name, alarm in local.of_the_log : name => alarm if lookup(alarm, "when", true) }

  alarm_name          = "${local.prefix}-${each.key}"
  alarm_description   = each.value.says
  namespace           = local.namespace
  metric_name         = each.value.metric
  statistic           = each.value.statistic
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.threshold
  period              = each.value.period
  evaluation_periods  = each.value.periods
  datapoints_to_alarm = each.value.periods
  treat_missing_data  = "notBreaching"
  alarm_actions       = local.alarm_actions
  ok_actions          = local.alarm_actions
  tags                = local.tags
}

resource "aws_cloudwatch_metric_alarm" "of_aws" {
  for_each = local.of_aws

  alarm_name          = "${local.prefix}-${each.key}"
  alarm_description   = each.value.says
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = each.value.dimensions
  statistic           = each.value.statistic
  comparison_operator = "LessThanThreshold"
  threshold           = each.value.less_than
  period              = each.value.period
  evaluation_periods  = each.value.periods
  datapoints_to_alarm = each.value.periods
  treat_missing_data  = "breaching"
  alarm_actions       = local.alarm_actions
  ok_actions          = local.alarm_actions
  tags                = local.tags
}

resource "aws_cloudwatch_metric_alarm" "of_the_database" {
  for_each = { for name, alarm in local.of_the_database : name => alarm if local.has_database }

  alarm_name          = "${local.prefix}-${each.key}"
  alarm_description   = each.value.says
  namespace           = "AWS/RDS"
  metric_name         = each.value.metric
  dimensions          = { DBInstanceIdentifier = var.database_identifier }
  statistic           = each.value.statistic
  comparison_operator = each.value.comparison
  threshold           = each.value.threshold
  period              = each.value.period
  evaluation_periods  = each.value.periods
  datapoints_to_alarm = each.value.periods
  treat_missing_data  = "missing"
  alarm_actions       = local.alarm_actions
  ok_actions          = local.alarm_actions
  tags                = local.tags
}

# Percentiles are an extended statistic. The load balancer counts in seconds.
resource "aws_cloudwatch_metric_alarm" "latency" {
  alarm_name          = "${local.prefix}-high-api-latency"
  alarm_description   = "One answer in twenty took more than 30 s for ten minutes. Look at traces with responsetime > 30: the longest bar is the cause, most often a model."
  namespace           = "AWS/ApplicationELB"
  metric_name         = "TargetResponseTime"
  dimensions          = { LoadBalancer = var.alb_arn_suffix }
  extended_statistic  = "p95"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 30
  period              = 300
  evaluation_periods  = 2
  datapoints_to_alarm = 2
  treat_missing_data  = "notBreaching" # no requests, none slow
  alarm_actions       = local.alarm_actions
  ok_actions          = local.alarm_actions
  tags                = local.tags

  evaluate_low_sample_count_percentiles = "ignore" # of three requests nobody is one in twenty
}
