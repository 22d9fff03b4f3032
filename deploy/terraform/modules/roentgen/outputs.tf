output "file_system_id" {
  description = "EFS file system of the server's data."
  value       = aws_efs_file_system.data.id
}

output "log_group_name" {
  description = "Log group of the server."
  value       = aws_cloudwatch_log_group.server.name
}

output "service_name" {
  description = "Name of the ECS service."
  value       = aws_ecs_service.server.name
}

output "console_url" {
  description = "Where people look at traces. Empty: from outside of the VPC nobody does."
  value       = join("", [for host in local.console_hosts : "https://${host}"])
}
