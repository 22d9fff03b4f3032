# The definition stands in deploy/ecs/roentgen.json, as RegisterTaskDefinition takes it, with ${…} where a deployment differs.
# What does not differ is read from the file as it stands, so that it is known in every plan.

locals {
  log_days = { dev = 7, prod = 30 }

  tags = merge(var.tags, { Environment = var.environment, Service = "roentgen" })

  values = {
    image                     = var.image
    region                    = var.region
    log_group                 = aws_cloudwatch_log_group.server.name
    execution_role_arn        = aws_iam_role.execution.arn
    task_role_arn             = aws_iam_role.task.arn
    file_system_id            = aws_efs_file_system.data.id
    access_point_id           = aws_efs_access_point.data.id
    roentgen_token_secret_arn = var.token_secret_arn
    retention                 = var.retention
    retain_failing            = var.retain_failing
    max_disk_bytes            = tostring(var.max_disk_gib * 1024 * 1024 * 1024)
  }

  task = jsondecode(templatefile("${path.module}/../../../ecs/roentgen.json", {
    for name, value in local.values : name => trimsuffix(trimprefix(jsonencode(value), "\""), "\"")
  }))

  source    = jsondecode(file("${path.module}/../../../ecs/roentgen.json"))
  container = local.source.containerDefinitions[0]
}

resource "aws_cloudwatch_log_group" "server" {
  name              = "/ecs/afirgen/roentgen"
  retention_in_days = local.log_days[var.environment]
  tags              = local.tags
}

resource "aws_ecs_task_definition" "server" {
  family                   = local.source.family
  requires_compatibilities = local.source.requiresCompatibilities
  network_mode             = local.source.networkMode
  cpu                      = local.source.cpu
  memory                   = local.source.memory
  execution_role_arn       = local.task.executionRoleArn
  task_role_arn            = local.task.taskRoleArn
  container_definitions    = jsonencode(local.task.containerDefinitions)
  tags                     = local.tags

  runtime_platform {
    operating_system_family = local.source.runtimePlatform.operatingSystemFamily
    cpu_architecture        = local.source.runtimePlatform.cpuArchitecture
  }

  volume {
    name = local.source.volumes[0].name

    efs_volume_configuration {
      file_system_id     = local.task.volumes[0].efsVolumeConfiguration.fileSystemId
      transit_encryption = local.task.volumes[0].efsVolumeConfiguration.transitEncryption

      authorization_config {
        access_point_id = local.task.volumes[0].efsVolumeConfiguration.authorizationConfig.accessPointId
        iam             = local.task.volumes[0].efsVolumeConfiguration.authorizationConfig.iam
      }
    }
  }

  volume {
    name = local.source.volumes[1].name
  }
}

resource "aws_service_discovery_service" "server" {
  name = "roentgen"
  tags = local.tags

  dns_config {
    namespace_id   = var.namespace_id
    routing_policy = "MULTIVALUE"

    dns_records {
      type = "A"
      ttl  = 10
    }
  }

  health_check_custom_config {
    failure_threshold = 1
  }
}

# One task and never two: the directory has one owner. A deployment therefore stops the old one first, and there is no
# autoscaling. Meanwhile agents keep what they have and send it later.
resource "aws_ecs_service" "server" {
  name                               = local.source.family
  cluster                            = var.cluster_arn
  task_definition                    = aws_ecs_task_definition.server.arn
  launch_type                        = "FARGATE"
  desired_count                      = 1
  deployment_minimum_healthy_percent = 0
  deployment_maximum_percent         = 100
  availability_zone_rebalancing      = "DISABLED" # it would start the new one first
  enable_ecs_managed_tags            = true
  propagate_tags                     = "SERVICE"
  tags                               = local.tags

  network_configuration {
    subnets          = var.private_subnet_ids
    security_groups  = [var.security_group_ids.roentgen]
    assign_public_ip = false
  }

  service_registries {
    registry_arn = aws_service_discovery_service.server.arn
  }

  dynamic "load_balancer" {
    for_each = aws_lb_target_group.console

    content {
      target_group_arn = load_balancer.value.arn
      container_name   = local.container.name
      container_port   = local.container.portMappings[0].containerPort
    }
  }

  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }

  # A task that starts before it can mount, or before a listener sends to its target group, is ended.
  depends_on = [aws_efs_mount_target.data, aws_lb_listener_rule.console, aws_iam_role_policy.task, aws_iam_role_policy.execution]
}
