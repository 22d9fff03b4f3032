locals {
  service_names = merge(
    { main_backend = aws_ecs_service.main_backend.name },
    { for key, service in aws_ecs_service.model_server : key => service.name },
  )
}

resource "aws_appautoscaling_target" "tasks" {
  for_each = local.service_names

  service_namespace  = "ecs"
  scalable_dimension = "ecs:service:DesiredCount"
  resource_id        = "service/${aws_ecs_cluster.main.name}/${each.value}"
  min_capacity       = var.counts[each.key].least
  max_capacity       = var.counts[each.key].most
  tags               = local.tags
}

# Quick to add, slow to take away: a model server loads its models for minutes.
resource "aws_appautoscaling_policy" "cpu" {
  for_each = aws_appautoscaling_target.tasks

  name               = "${local.service_names[each.key]}-cpu"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = each.value.service_namespace
  scalable_dimension = each.value.scalable_dimension
  resource_id        = each.value.resource_id

  target_tracking_scaling_policy_configuration {
    target_value       = 70
    scale_out_cooldown = 60
    scale_in_cooldown  = 300

    predefined_metric_specification {
      predefined_metric_type = "ECSServiceAverageCPUUtilization"
    }
  }
}
