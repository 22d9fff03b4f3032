output "task_definition_arns" {
  description = "Definition of each service, with its revision."
  value       = { for service, definition in aws_ecs_task_definition.service : service => definition.arn }
}
