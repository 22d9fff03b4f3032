module "tracing" {
  source = "../../modules/tracing"

  environment               = "prod"
  region                    = var.region
  trace_to                  = var.trace_to
  archive_bucket_arn        = module.storage.archive_bucket_arn
  api_keys_secret_arn       = module.secrets.api_keys_secret_arn
  mysql_secret_arn          = module.database.mysql_secret_arn
  roentgen_token_secret_arn = module.secrets.roentgen_token_secret_arn
  repository_arns           = module.registry.repository_arns
  alarm_topic_arns          = var.alarm_topic_arns
}

module "tasks" {
  source = "../../modules/tasks"

  environment               = "prod"
  region                    = var.region
  images                    = local.images
  trace_to                  = var.trace_to
  roentgen_url              = local.roentgen_url
  roentgen_token_secret_arn = module.secrets.roentgen_token_secret_arn
  agent_image               = local.images["roentgen"]
  daemon_image              = var.daemon_image
  sampling_rate             = module.tracing.sampling_rate
  execution_role_arn        = module.tracing.execution_role_arn
  task_role_arns            = module.tracing.task_role_arns
  log_group_names           = module.tracing.log_group_names
  station                   = var.station
  model_server_url          = "http://afirgen-gguf-server.${local.namespace}:8001"
  asr_ocr_server_url        = "http://afirgen-asr-ocr-server.${local.namespace}:8002"
  model_endpoint            = var.model_endpoint
  database_url              = module.database.database_url
  archive_bucket            = module.storage.archive_bucket
  api_keys_secret_arn       = module.secrets.api_keys_secret_arn
  mysql_secret_arn          = module.database.mysql_secret_arn
  trusted_proxies           = module.network.public_subnet_cidrs
}

module "cluster" {
  source = "../../modules/cluster"

  environment        = "prod"
  vpc_id             = module.network.vpc_id
  public_subnet_ids  = module.network.public_subnet_ids
  private_subnet_ids = module.network.private_subnet_ids
  security_group_ids = module.network.security_group_ids
  certificate_arn    = var.certificate_arn
  namespace          = local.namespace
  services           = module.tasks.services
  logs_bucket        = module.storage.logs_bucket
  alb_log_prefix     = module.storage.alb_log_prefix
}

module "roentgen" {
  source   = "../../modules/roentgen"
  for_each = local.own_server

  environment        = "prod"
  region             = var.region
  vpc_id             = module.network.vpc_id
  private_subnet_ids = module.network.private_subnet_ids
  security_group_ids = module.network.security_group_ids
  cluster_arn        = module.cluster.cluster_arn
  namespace_id       = module.cluster.namespace_id
  image              = local.images["roentgen"]
  repository_arns    = module.registry.repository_arns
  token_secret_arn   = module.secrets.roentgen_token_secret_arn
  console_host       = var.console_host
  https_listener_arn = module.cluster.https_listener_arn
}

module "observability" {
  source = "../../modules/observability"

  environment             = "prod"
  region                  = var.region
  log_group_names         = module.tracing.log_group_names
  cluster_name            = module.cluster.cluster_name
  service_names           = module.cluster.service_names
  alb_arn_suffix          = module.cluster.alb_arn_suffix
  target_group_arn_suffix = module.cluster.target_group_arn_suffix
  database_identifier     = module.database.instance_identifier
  xray_group_names        = module.tracing.group_names
  fault_rate_alarm_name   = module.tracing.fault_rate_alarm_name
  roentgen_agent          = var.daemon_image == ""
  alarm_email             = var.alarm_email
  alarm_topic_arns        = var.alarm_topic_arns
}
