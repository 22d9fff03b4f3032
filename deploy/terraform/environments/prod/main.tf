provider "aws" {
  region = var.region

  default_tags {
    tags = { Project = "afirgen", Environment = "prod" }
  }
}

module "tracing" {
  source = "../../modules/tracing"

  environment         = "prod"
  region              = var.region
  archive_bucket_arn  = "arn:aws:s3:::${var.archive_bucket}"
  api_keys_secret_arn = var.api_keys_secret_arn
  mysql_secret_arn    = var.mysql_secret_arn
  repository_arns     = var.repository_arns
  alarm_topic_arns    = var.alarm_topic_arns
}

module "tasks" {
  source = "../../modules/tasks"

  environment         = "prod"
  region              = var.region
  images              = var.images
  agent_image         = var.agent_image
  sampling_rate       = module.tracing.sampling_rate
  execution_role_arn  = module.tracing.execution_role_arn
  task_role_arns      = module.tracing.task_role_arns
  log_group_names     = module.tracing.log_group_names
  station             = var.station
  model_server_url    = var.model_server_url
  asr_ocr_server_url  = var.asr_ocr_server_url
  model_endpoint      = var.model_endpoint
  database_url        = var.database_url
  archive_bucket      = var.archive_bucket
  api_keys_secret_arn = var.api_keys_secret_arn
  mysql_secret_arn    = var.mysql_secret_arn
  trusted_proxies     = var.trusted_proxies
}
