# Three dashboards. A graph is a title, the statistic of its metrics, and the metrics as a dashboard takes them: namespace,
# name, dimensions, and what differs from the graph. Without x and y CloudWatch puts widgets side by side.
locals {
  graphs = {
    main        = concat(local.main_graphs, [for graph in local.trace_graphs : graph if local.has_groups], [for graph in local.agent_graphs : graph if var.roentgen_agent], [for graph in local.database_graphs : graph if local.has_database])
    errors      = local.error_graphs
    performance = concat(local.performance_graphs, [for graph in local.database_latency_graphs : graph if local.has_database])
  }

  tables = {
    main        = []
    errors      = local.error_tables
    performance = local.performance_tables
  }

  alarm_arns = concat(
    [aws_cloudwatch_composite_alarm.critical.arn, aws_cloudwatch_metric_alarm.error_rate.arn, aws_cloudwatch_metric_alarm.latency.arn],
    [for alarm in aws_cloudwatch_metric_alarm.of_aws : alarm.arn],
    [for alarm in aws_cloudwatch_metric_alarm.of_the_log : alarm.arn],
    [for alarm in aws_cloudwatch_metric_alarm.of_the_database : alarm.arn],
  )

  widgets = {
    for name in keys(local.graphs) : name => concat(
      [for arns in [local.alarm_arns] : {
        type = "alarm", width = 24, height = 4, properties = { title = "Alarms", alarms = arns }
      } if name == "main"],
      [for graph in local.graphs[name] : {
        type = "metric", width = 12, height = 6, properties = {
          title = graph.title, region = var.region, view = "timeSeries", stacked = false, period = 300, stat = graph.stat, metrics = graph.metrics
        }
      }],
      [for table in local.tables[name] : {
        type = "log", width = 24, height = 8, properties = {
          title = table.title, region = var.region, view = table.view
          query = "${join(" | ", [for service in table.services : "SOURCE '${var.log_group_names[service]}'"])} | ${table.query}"
        }
      }],
    )
  }
}

resource "aws_cloudwatch_dashboard" "afirgen" {
  for_each = local.widgets

  dashboard_name = "${local.prefix}-${each.key}"
  dashboard_body = jsonencode({ widgets = each.value })
}
