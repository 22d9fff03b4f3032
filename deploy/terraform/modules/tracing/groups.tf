resource "aws_xray_group" "services" {
  for_each = local.xray

  group_name        = "afirgen-services"
  filter_expression = local.of_the_services
  tags              = local.tags

  insights_configuration {
    insights_enabled      = true
    notifications_enabled = false
  }
}

# For the alarm: the only metric that X-Ray publishes of a group as a whole is how many traces it has.
resource "aws_xray_group" "faults" {
  for_each = local.xray

  group_name        = "afirgen-faults"
  filter_expression = local.with_a_fault
  tags              = local.tags

  insights_configuration {
    insights_enabled      = false
    notifications_enabled = false
  }
}

# FaultRate exists too, but for each service and type apart.
#
# What the share says depends on the sidecar. With AWS's daemon nothing records faults more often than the rest, so that it
# is the share of all requests. Roentgen's agent sends every trace that failed and a sample of the others: in prod, where
# the sample is a tenth, 5 % of recorded traces are faults at about half a per cent of all requests, and the alarm rings that
# much sooner. The shares of all requests are on the module observability's alarms, which count log lines.
resource "aws_cloudwatch_metric_alarm" "fault_rate" {
  for_each = local.xray

  alarm_name          = "${var.environment}-afirgen-fault-rate"
  alarm_description   = "More than 5 % of AFIRGen's recorded traces hold a fault (5xx). Look at the group afirgen-faults."
  comparison_operator = "GreaterThanThreshold"
  threshold           = 5
  evaluation_periods  = 2
  datapoints_to_alarm = 2
  treat_missing_data  = "notBreaching" # no traces, no faults
  alarm_actions       = var.alarm_topic_arns
  ok_actions          = var.alarm_topic_arns
  tags                = local.tags

  metric_query {
    id          = "rate"
    label       = "Traces with a fault, in percent"
    expression  = "100 * FILL(faults, 0) / traces"
    return_data = true
  }

  metric_query {
    id = "faults"

    metric {
      namespace   = "AWS/X-Ray"
      metric_name = "ApproximateTraceCount"
      dimensions  = { GroupName = aws_xray_group.faults[each.key].group_name }
      period      = 300
      stat        = "Sum"
    }
  }

  metric_query {
    id = "traces"

    metric {
      namespace   = "AWS/X-Ray"
      metric_name = "ApproximateTraceCount"
      dimensions  = { GroupName = aws_xray_group.services[each.key].group_name }
      period      = 300
      stat        = "Sum"
    }
  }
}
