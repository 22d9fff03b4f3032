locals {
  model_servers = { for key, service in var.services : key => service if key != "main_backend" }
}

# New tasks are healthy before old ones are stopped; a definition whose tasks do not come up is taken back.
resource "aws_ecs_service" "main_backend" {
  name                               = var.services["main_backend"].name
  cluster                            = aws_ecs_cluster.main.arn
  task_definition                    = var.services["main_backend"].task_definition_arn
  launch_type                        = "FARGATE"
  desired_count                      = var.counts["main_backend"].least
  deployment_minimum_healthy_percent = 100
  deployment_maximum_percent         = 200
  health_check_grace_period_seconds  = 60
  availability_zone_rebalancing      = "ENABLED"
  enable_ecs_managed_tags            = true
  propagate_tags                     = "SERVICE"
  tags                               = local.tags

  network_configuration {
    subnets          = var.private_subnet_ids
    security_groups  = [var.security_group_ids.main_backend]
    assign_public_ip = false
  }

  load_balancer {
    target_group_arn = aws_lb_target_group.main_backend.arn
    container_name   = var.services["main_backend"].container
    container_port   = var.services["main_backend"].port
  }

  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }

  lifecycle {
    ignore_changes = [desired_count] # autoscaling's
  }

  # ECS refuses a target group that no listener sends to.
  depends_on = [aws_lb_listener.https]
}

resource "aws_ecs_service" "model_server" {
  for_each = local.model_servers

  name                               = each.value.name
  cluster                            = aws_ecs_cluster.main.arn
  task_definition                    = each.value.task_definition_arn
  launch_type                        = "FARGATE"
  desired_count                      = var.counts[each.key].least
  deployment_minimum_healthy_percent = 100
  deployment_maximum_percent         = 200
  availability_zone_rebalancing      = "ENABLED"
  enable_ecs_managed_tags            = true
  propagate_tags                     = "SERVICE"
  tags                               = local.tags

  network_configuration {
    subnets          = var.private_subnet_ids
    security_groups  = [var.security_group_ids[each.key]]
    assign_public_ip = false
  }

  service_registries {
    registry_arn = aws_service_discovery_service.model_server[each.key].arn
  }

  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }

  lifecycle {
    ignore_changes = [desired_count] # autoscaling's
  }
}
