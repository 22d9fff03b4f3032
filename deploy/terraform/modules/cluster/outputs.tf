output "cluster_name" {
  description = "Name of the ECS cluster."
  value       = aws_ecs_cluster.main.name
}

output "cluster_arn" {
  description = "The ECS cluster."
  value       = aws_ecs_cluster.main.arn
}

output "service_names" {
  description = "Names of the three ECS services."
  value       = local.service_names
}

output "namespace_id" {
  description = "Where services are registered under names inside of the VPC."
  value       = aws_service_discovery_private_dns_namespace.main.id
}

output "https_listener_arn" {
  description = "Listener of the load balancer on port 443."
  value       = aws_lb_listener.https.arn
}

output "alb_dns_name" {
  description = "The load balancer's own name: point yours at it, as a CNAME or an alias."
  value       = aws_lb.main.dns_name
}

output "alb_arn_suffix" {
  description = "The load balancer as its metrics name it."
  value       = aws_lb.main.arn_suffix
}

output "target_group_arn_suffix" {
  description = "The backend's target group as its metrics name it."
  value       = aws_lb_target_group.main_backend.arn_suffix
}
