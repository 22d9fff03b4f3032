# The definitions stand in deploy/ecs, one file for each service, as RegisterTaskDefinition takes them, with ${…} where a
# deployment differs. Nothing of them is repeated here: change memory, ports or variables there.

locals {
  files = {
    main_backend   = "main-backend"
    gguf_server    = "gguf-server"
    asr_ocr_server = "asr-ocr-server"
  }

  service_environments = { dev = "development", prod = "production" }

  # Who runs as xray-agent, and what the files say of it that this one has no use for. A Roentgen server alone asks for a
  # token. AWS's own daemon has a command of its own, no shell and no word for its health, and keeps nothing.
  sidecar = var.daemon_image == "" ? var.trace_to : "daemon"

  left_out = {
    xray     = ["secrets"]
    roentgen = []
    daemon   = ["secrets", "entryPoint", "command", "healthCheck", "mountPoints"]
  }

  values = {
    for service in keys(local.files) : service => {
      image                     = var.images[service]
      agent_image               = var.daemon_image == "" ? var.agent_image : var.daemon_image
      agent_upstream            = var.trace_to == "xray" ? "aws" : var.roentgen_url
      roentgen_token_secret_arn = var.roentgen_token_secret_arn
      region                    = var.region
      sampling_rate             = tostring(var.sampling_rate)
      log_level                 = var.log_level
      service_environment       = local.service_environments[var.environment]
      log_group                 = var.log_group_names[service]
      agent_log_group           = var.log_group_names["${service}_agent"]
      execution_role_arn        = var.execution_role_arn
      task_role_arn             = var.task_role_arns[service]
      station_code              = var.station.code
      station_name              = var.station.name
      station_district          = var.station.district
      station_state             = var.station.state
      model_server_url          = var.model_server_url
      asr_ocr_server_url        = var.asr_ocr_server_url
      model_endpoint            = var.model_endpoint
      database_url              = var.database_url
      archive_bucket            = var.archive_bucket
      api_keys_secret_arn       = var.api_keys_secret_arn
      mysql_secret_arn          = var.mysql_secret_arn
      trusted_proxies           = join(",", var.trusted_proxies)
      cors_origins              = join(",", var.cors_origins)
    }
  }

  # As they stand. What does not differ is read from here: names that are known before anything is made stay the same in
  # every plan, and nothing is replaced because an address is not known yet.
  sources = { for service, file in local.files : service => jsondecode(file("${path.module}/../../../ecs/${file}.json")) }

  # Values are escaped as JSON strings are, so that a quotation mark in a station's name cannot end its string.
  tasks = {
    for service, file in local.files : service => jsondecode(templatefile("${path.module}/../../../ecs/${file}.json", {
      for name, value in local.values[service] : name => trimsuffix(trimprefix(jsonencode(value), "\""), "\"")
    }))
  }

  containers = {
    for service, task in local.tasks : service => [
      for container in task.containerDefinitions : {
        for member, value in container : member => value
        if container.name != "xray-agent" || !contains(local.left_out[local.sidecar], member)
      }
    ]
  }
}

resource "aws_ecs_task_definition" "service" {
  for_each = local.sources

  family                   = each.value.family
  requires_compatibilities = each.value.requiresCompatibilities
  network_mode             = each.value.networkMode
  cpu                      = each.value.cpu
  memory                   = each.value.memory
  execution_role_arn       = local.tasks[each.key].executionRoleArn
  task_role_arn            = local.tasks[each.key].taskRoleArn
  container_definitions    = jsonencode(local.containers[each.key])
  tags                     = merge(var.tags, { Environment = var.environment, Service = each.value.family })

  runtime_platform {
    operating_system_family = each.value.runtimePlatform.operatingSystemFamily
    cpu_architecture        = each.value.runtimePlatform.cpuArchitecture
  }

  # Empty, writable, and gone with the task: uploads are read in the one, and in the other waits what the sidecar has not
  # sent, which a new start of the sidecar finds there. Everything else is read-only.
  volume {
    name = each.value.volumes[0].name
  }

  volume {
    name = each.value.volumes[1].name
  }
}
