# Of the load balancer, which also sees what never reached a backend. Its counts of 5xx are missing while there are none.
resource "aws_cloudwatch_metric_alarm" "error_rate" {
  alarm_name          = "${local.prefix}-high-error-rate"
  alarm_description   = "More than 5 % of answers were 5xx for ten minutes. Search the log of main-backend for status >= 500: error_type says why, trace_id leads to the trace."
  comparison_operator = "GreaterThanThreshold"
  threshold           = 5
  evaluation_periods  = 2
  datapoints_to_alarm = 2
  treat_missing_data  = "notBreaching" # no requests, no errors
  alarm_actions       = local.alarm_actions
  ok_actions          = local.alarm_actions
  tags                = local.tags

  metric_query {
    id          = "rate"
    label       = "Answers that are 5xx, in percent"
    expression  = "100 * (FILL(backend, 0) + FILL(balancer, 0)) / requests"
    return_data = true
  }

  metric_query {
    id = "backend"

    metric {
      namespace   = "AWS/ApplicationELB"
      metric_name = "HTTPCode_Target_5XX_Count"
      dimensions  = { LoadBalancer = var.alb_arn_suffix }
      period      = 300
      stat        = "Sum"
    }
  }

  metric_query {
    id = "balancer"

    metric {
      namespace   = "AWS/ApplicationELB"
      metric_name = "HTTPCode_ELB_5XX_Count"
      dimensions  = { LoadBalancer = var.alb_arn_suffix }
      period      = 300
      stat        = "Sum"
    }
  }

  metric_query {
    id = "requests"

    metric {
      namespace   = "AWS/ApplicationELB"
      metric_name = "RequestCount"
      dimensions  = { LoadBalancer = var.alb_arn_suffix }
      period      = 300
      stat        = "Sum"
    }
  }
}
