output "services" {
  description = "Of each service its name, its definition with the revision, and the container and port that take requests."
  value = {
    for service, task in local.sources : service => {
      name                = task.family
      task_definition_arn = aws_ecs_task_definition.service[service].arn
      container           = task.containerDefinitions[0].name
      port                = task.containerDefinitions[0].portMappings[0].containerPort
    }
  }
}
