locals {
  # Of what is read out of log lines. One metric has one name and no dimensions: an alarm on a name without dimensions sees
  # nothing of a metric that is published with some.
  namespace = "AFIRGen"

  prefix = "${var.environment}-afirgen"

  services = {
    main_backend   = "main-backend"
    gguf_server    = "gguf-server"
    asr_ocr_server = "asr-ocr-server"
  }

  has_database = var.database_identifier != ""
  has_groups   = var.xray_group_names.services != ""

  alarm_actions = concat([aws_sns_topic.alarms.arn], var.alarm_topic_arns)

  tags = merge(var.tags, { Environment = var.environment, Service = "observability" })
}
