locals {
  main_graphs = [
    {
      title = "Requests and errors", stat = "Sum"
      metrics = [
        ["AWS/ApplicationELB", "RequestCount", "LoadBalancer", var.alb_arn_suffix, { label = "requests" }],
        ["AWS/ApplicationELB", "HTTPCode_Target_4XX_Count", "LoadBalancer", var.alb_arn_suffix, { label = "4xx" }],
        ["AWS/ApplicationELB", "HTTPCode_Target_5XX_Count", "LoadBalancer", var.alb_arn_suffix, { label = "5xx" }],
        ["AWS/ApplicationELB", "HTTPCode_ELB_5XX_Count", "LoadBalancer", var.alb_arn_suffix, { label = "5xx of the load balancer" }],
      ]
    },
    {
      title = "Response time in seconds", stat = "Average"
      metrics = [
        ["AWS/ApplicationELB", "TargetResponseTime", "LoadBalancer", var.alb_arn_suffix, { label = "average" }],
        ["AWS/ApplicationELB", "TargetResponseTime", "LoadBalancer", var.alb_arn_suffix, { stat = "p95", label = "p95" }],
        ["AWS/ApplicationELB", "TargetResponseTime", "LoadBalancer", var.alb_arn_suffix, { stat = "p99", label = "p99" }],
      ]
    },
    {
      title = "Reports", stat = "Sum"
      metrics = [
        [local.namespace, "FIRDrafted", { label = "drafted" }],
        [local.namespace, "FIRNotDrafted", { label = "not drafted" }],
      ]
    },
    {
      title = "Inferences and readings", stat = "SampleCount"
      metrics = [
        [local.namespace, "ModelInferenceDuration", { label = "inferences" }],
        [local.namespace, "ReadingDuration", { label = "recordings and images" }],
        [local.namespace, "ModelFailures", { stat = "Sum", label = "inferences that failed" }],
        [local.namespace, "ReadingFailures", { stat = "Sum", label = "readings that failed" }],
      ]
    },
    {
      title = "Inference in milliseconds", stat = "Average"
      metrics = [
        [local.namespace, "ModelInferenceDuration", { label = "average" }],
        [local.namespace, "ModelInferenceDuration", { stat = "p95", label = "p95" }],
      ]
    },
    {
      title = "Refused", stat = "Sum"
      metrics = [
        [local.namespace, "RateLimited", { label = "over the rate limit" }],
        [local.namespace, "Unauthorized", { label = "no key or a wrong one" }],
        [local.namespace, "APIRefusals", { label = "every 4xx" }],
      ]
    },
    {
      title = "Backends behind the load balancer", stat = "Minimum"
      metrics = [
        ["AWS/ApplicationELB", "HealthyHostCount", "TargetGroup", var.target_group_arn_suffix, "LoadBalancer", var.alb_arn_suffix, { label = "healthy" }],
        ["AWS/ApplicationELB", "UnHealthyHostCount", "TargetGroup", var.target_group_arn_suffix, "LoadBalancer", var.alb_arn_suffix, { stat = "Maximum", label = "unhealthy" }],
      ]
    },
    {
      title   = "CPU of the services in percent", stat = "Average"
      metrics = [for key, service in local.services : ["AWS/ECS", "CPUUtilization", "ClusterName", var.cluster_name, "ServiceName", var.service_names[key], { label = service }]]
    },
    {
      title   = "Memory of the services in percent", stat = "Average"
      metrics = [for key, service in local.services : ["AWS/ECS", "MemoryUtilization", "ClusterName", var.cluster_name, "ServiceName", var.service_names[key], { label = service }]]
    },
    {
      title = "Trace documents of the services", stat = "Sum"
      metrics = [
        [local.namespace, "TraceDocumentsSent", { label = "sent to the sidecars" }],
        [local.namespace, "TraceDocumentsNotSent", { label = "not sent" }],
      ]
    },
  ]

  trace_graphs = [
    {
      title = "Traces", stat = "Sum"
      metrics = [
        ["AWS/X-Ray", "ApproximateTraceCount", "GroupName", var.xray_group_names.services, { label = "recorded" }],
        ["AWS/X-Ray", "ApproximateTraceCount", "GroupName", var.xray_group_names.faults, { label = "with a fault" }],
      ]
    },
  ]

  agent_graphs = [
    {
      title   = "Ledger of the sidecars, in documents", stat = "Sum"
      metrics = [for name in keys(local.ledger) : [local.namespace, name, { label = name }]]
    },
  ]

  database_graphs = [
    {
      title = "Database", stat = "Average"
      metrics = [
        ["AWS/RDS", "CPUUtilization", "DBInstanceIdentifier", var.database_identifier, { label = "CPU in percent" }],
        ["AWS/RDS", "DatabaseConnections", "DBInstanceIdentifier", var.database_identifier, { label = "connections", yAxis = "right" }],
      ]
    },
  ]
}
