output "alb_dns_name" {
  description = "The load balancer's own name: point yours at it, as a CNAME or an alias."
  value       = module.cluster.alb_dns_name
}

output "repository_urls" {
  description = "Where images are pushed: main_backend, gguf_server, asr_ocr_server, roentgen."
  value       = module.registry.repository_urls
}

output "cluster_name" {
  description = "Name of the ECS cluster."
  value       = module.cluster.cluster_name
}

output "service_names" {
  description = "Names of the three ECS services."
  value       = module.cluster.service_names
}

output "log_group_names" {
  description = "Log group of each container."
  value       = module.tracing.log_group_names
}

output "xray_policy_arn" {
  description = "Policy that lets a sidecar deliver traces to X-Ray."
  value       = module.tracing.xray_policy_arn
}

output "sampling_rule_name" {
  description = "Rule of X-Ray that decides about all requests but probes."
  value       = module.tracing.sampling_rule_name
}

output "group_name" {
  description = "X-Ray group of the three services."
  value       = module.tracing.group_names.services
}

output "console_url" {
  description = "Where people look at traces of the Roentgen server. Empty: nowhere from outside of the VPC."
  value       = join("", [for server in module.roentgen : server.console_url])
}

output "dashboard_names" {
  description = "Dashboards of CloudWatch."
  value       = module.observability.dashboard_names
}
