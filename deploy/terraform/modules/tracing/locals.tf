locals {
  # The share of requests that is recorded: of the rule below, and of the services, which are given it as XRAY_SAMPLING_RATE.
  sampling_rates = { dev = 1.0, prod = 0.1 }
  sampling_rate  = local.sampling_rates[var.environment]

  log_days = { dev = 7, prod = 30 }

  # One for each container: the service's own, and its sidecar's below it.
  log_groups = {
    main_backend         = "/ecs/afirgen/main-backend"
    main_backend_agent   = "/ecs/afirgen/main-backend/xray-agent"
    gguf_server          = "/ecs/afirgen/gguf-server"
    gguf_server_agent    = "/ecs/afirgen/gguf-server/xray-agent"
    asr_ocr_server       = "/ecs/afirgen/asr-ocr-server"
    asr_ocr_server_agent = "/ecs/afirgen/asr-ocr-server/xray-agent"
  }

  # The roles that the three services run as, by service.
  task_role_names = {
    main_backend   = aws_iam_role.main_backend_task_role.name
    gguf_server    = aws_iam_role.gguf_server_task_role.name
    asr_ocr_server = aws_iam_role.asr_ocr_server_task_role.name
  }

  # What is made in X-Ray, where traces go there: nothing else asks for any of it.
  xray = toset([for destination in [var.trace_to] : destination if destination == "xray"])

  # Secrets that ECS hands to containers when it starts them.
  handed_secrets = concat([var.api_keys_secret_arn], [for arn in [var.roentgen_token_secret_arn] : arn if var.trace_to == "roentgen"])

  # service() knows no wildcard: service("afirgen-*") is a service of that very name. So each is named.
  of_the_services = join(" OR ", [for name in values(var.service_names) : "service(\"${name}\")"])
  with_a_fault    = join(" OR ", [for name in values(var.service_names) : "service(\"${name}\") { fault = true }"])

  tags = merge(var.tags, { Environment = var.environment, Service = "xray" })
}
