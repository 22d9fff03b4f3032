output "task_definition_arns" {
  description = "Definition of each service, for the ECS services."
  value       = module.tasks.task_definition_arns
}

output "xray_policy_arn" {
  description = "Policy that lets a sidecar deliver traces."
  value       = module.tracing.xray_policy_arn
}

output "log_group_names" {
  description = "Log group of each container."
  value       = module.tracing.log_group_names
}

output "sampling_rule_name" {
  description = "Rule that decides about all requests but probes."
  value       = module.tracing.sampling_rule_name
}

output "group_name" {
  description = "X-Ray group of the three services."
  value       = module.tracing.group_name
}
