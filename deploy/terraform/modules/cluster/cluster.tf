locals {
  tags = merge(var.tags, { Environment = var.environment })
}

resource "aws_ecs_cluster" "main" {
  name = "afirgen"
  tags = local.tags

  setting {
    name  = "containerInsights"
    value = "enabled"
  }
}

# Names inside of the VPC: afirgen-gguf-server.afirgen.internal is the addresses of the tasks whose containers are healthy.
# ECS keeps them up to date. There is no proxy between services: their calls last as long as an inference, and the agents'
# questions to a Roentgen server half a minute, which a proxy's timeouts would cut.
resource "aws_service_discovery_private_dns_namespace" "main" {
  name        = var.namespace
  description = "AFIRGen's services"
  vpc         = var.vpc_id
  tags        = local.tags
}

resource "aws_service_discovery_service" "model_server" {
  for_each = local.model_servers

  name = each.value.name
  tags = local.tags

  dns_config {
    namespace_id   = aws_service_discovery_private_dns_namespace.main.id
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
