output "sampling_rate" {
  description = "Share of requests that is recorded, for XRAY_SAMPLING_RATE."
  value       = local.sampling_rate
}

output "log_group_names" {
  description = "Log group of each container, by service and service_agent."
  value       = { for key, group in aws_cloudwatch_log_group.containers : key => group.name }
}

output "task_role_arns" {
  description = "Role that each service runs as."
  value = {
    main_backend   = aws_iam_role.main_backend_task_role.arn
    gguf_server    = aws_iam_role.gguf_server_task_role.arn
    asr_ocr_server = aws_iam_role.asr_ocr_server_task_role.arn
  }
}

output "execution_role_arn" {
  description = "Role that ECS starts the tasks with."
  value       = aws_iam_role.task_execution_role.arn
}

output "xray_policy_arn" {
  description = "Policy that lets a sidecar deliver traces to X-Ray. Empty where they go to a Roentgen server, as are those below."
  value       = join("", [for policy in aws_iam_policy.xray_write : policy.arn])
}

output "sampling_rule_name" {
  description = "Rule of X-Ray that decides about all requests but probes."
  value       = join("", [for rule in aws_xray_sampling_rule.default : rule.rule_name])
}

output "group_names" {
  description = "X-Ray groups: traces of the three services, and those of them with a fault."
  value = {
    services = join("", [for group in aws_xray_group.services : group.group_name])
    faults   = join("", [for group in aws_xray_group.faults : group.group_name])
  }
}

output "fault_rate_alarm_name" {
  description = "Alarm on the share of recorded traces with a fault."
  value       = join("", [for alarm in aws_cloudwatch_metric_alarm.fault_rate : alarm.alarm_name])
}
