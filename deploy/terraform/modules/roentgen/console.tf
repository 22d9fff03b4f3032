# The console on the load balancer, under a name of its own, if it has one. People log in there with their token; whoever has
# none sees the login and nothing else.

locals {
  console_hosts = toset([for host in [var.console_host] : host if host != ""])
}

resource "aws_lb_target_group" "console" {
  for_each = local.console_hosts

  name                 = "afirgen-roentgen"
  vpc_id               = var.vpc_id
  target_type          = "ip"
  protocol             = "HTTP"
  port                 = local.container.portMappings[0].containerPort
  deregistration_delay = 10
  tags                 = local.tags

  health_check {
    protocol            = "HTTP"
    path                = "/readyz"
    matcher             = "200"
    interval            = 30
    timeout             = 5
    healthy_threshold   = 2
    unhealthy_threshold = 3
  }
}

resource "aws_lb_listener_rule" "console" {
  for_each = local.console_hosts

  listener_arn = var.https_listener_arn
  priority     = 5 # before the rules of the backend, some of whose paths the server has too
  tags         = local.tags

  condition {
    host_header {
      values = [each.key]
    }
  }

  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.console[each.key].arn
  }
}
