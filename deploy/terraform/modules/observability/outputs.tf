output "alarm_topic_arn" {
  description = "SNS topic that hears of every alarm."
  value       = aws_sns_topic.alarms.arn
}

output "dashboard_names" {
  description = "Dashboards of CloudWatch."
  value       = [for dashboard in aws_cloudwatch_dashboard.afirgen : dashboard.dashboard_name]
}

output "critical_alarm_name" {
  description = "The composite alarm: something that people who file complaints notice."
  value       = aws_cloudwatch_composite_alarm.critical.alarm_name
}
