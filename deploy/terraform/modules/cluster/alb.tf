resource "aws_lb" "main" {
  name                       = "afirgen"
  load_balancer_type         = "application"
  internal                   = false
  subnets                    = var.public_subnet_ids
  security_groups            = [var.security_group_ids.alb]
  idle_timeout               = 200 # a recording may be heard for 160 s before the first byte of an answer
  drop_invalid_header_fields = true
  preserve_host_header       = true # pages are held against the name they were asked under
  enable_deletion_protection = var.environment == "prod"
  tags                       = local.tags

  access_logs {
    bucket  = var.logs_bucket
    prefix  = var.alb_log_prefix
    enabled = true
  }
}

resource "aws_lb_listener" "http" {
  load_balancer_arn = aws_lb.main.arn
  port              = 80
  protocol          = "HTTP"
  tags              = local.tags

  default_action {
    type = "redirect"

    redirect {
      port        = "443"
      protocol    = "HTTPS"
      status_code = "HTTP_301"
    }
  }
}

resource "aws_lb_listener" "https" {
  load_balancer_arn = aws_lb.main.arn
  port              = 443
  protocol          = "HTTPS"
  ssl_policy        = "ELBSecurityPolicy-TLS13-1-2-2021-06" # TLS 1.2 and 1.3, with forward secrecy
  certificate_arn   = var.certificate_arn
  tags              = local.tags

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.main_backend.arn
  }
}

# What is for those who run the house is not for those who call it.
resource "aws_lb_listener_rule" "inside" {
  listener_arn = aws_lb_listener.https.arn
  priority     = 10
  tags         = local.tags

  condition {
    path_pattern {
      values = ["/metrics", "/metrics/*", "/prometheus/*", "/reliability", "/reliability/*"]
    }
  }

  action {
    type = "fixed-response"

    fixed_response {
      content_type = "text/plain"
      message_body = "Not found"
      status_code  = "404"
    }
  }
}

resource "aws_lb_target_group" "main_backend" {
  name                 = var.services["main_backend"].name
  vpc_id               = var.vpc_id
  target_type          = "ip"
  protocol             = "HTTP"
  port                 = var.services["main_backend"].port
  deregistration_delay = 35 # as long as a stopping backend works on what it has
  tags                 = local.tags

  # /readyz is 503 while the backend drains or has no database; /livez would send it requests that it cannot serve.
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
