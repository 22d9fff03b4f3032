# What people who file complaints notice: this is the one to be woken by.
locals {
  critical = concat(
    [
      aws_cloudwatch_metric_alarm.error_rate.alarm_name,
      aws_cloudwatch_metric_alarm.of_the_log["database-failures"].alarm_name,
      aws_cloudwatch_metric_alarm.of_the_log["fir-generation-failures"].alarm_name,
    ],
    [for alarm in aws_cloudwatch_metric_alarm.of_aws : alarm.alarm_name],
    # Of traces that are a fair sample. Roentgen's agent keeps every trace that failed, so that its share says little of all.
    [for name in [var.fault_rate_alarm_name] : name if name != "" && !var.roentgen_agent],
  )
}

resource "aws_cloudwatch_composite_alarm" "critical" {
  alarm_name        = "${local.prefix}-critical-system-health"
  alarm_description = "AFIRGen fails people: errors, no running task, no healthy backend, or reports that cannot be written. The alarms below it say which."
  alarm_rule        = join(" OR ", [for name in local.critical : "ALARM(\"${name}\")"])
  alarm_actions     = local.alarm_actions
  ok_actions        = local.alarm_actions
  tags              = local.tags
}
