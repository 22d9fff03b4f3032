variable "environment" {
  description = "dev or prod."
  type        = string

  validation {
    condition     = contains(["dev", "prod"], var.environment)
    error_message = "The environment is dev or prod."
  }
}

variable "region" {
  description = "Region that the tasks run in."
  type        = string
}

variable "images" {
  description = "Image of each service, by digest: a tag can come to mean another image between two starts."
  type = object({
    main_backend   = string
    gguf_server    = string
    asr_ocr_server = string
  })

  validation {
    condition     = alltrue([for image in values(var.images) : can(regex("@sha256:[0-9a-f]{64}$", image))])
    error_message = "Each image ends in @sha256: and 64 hex digits."
  }
}

variable "trace_to" {
  description = "Where the sidecars send traces: xray or roentgen."
  type        = string
  default     = "xray"

  validation {
    condition     = contains(["xray", "roentgen"], var.trace_to)
    error_message = "Traces go to xray or to roentgen."
  }
}

variable "roentgen_url" {
  description = "URL of the Roentgen server, where traces go to one: http://roentgen.afirgen.internal:1895, or https:// of one elsewhere."
  type        = string
  default     = ""

  validation {
    condition     = can(regex("^https?://[^/?#]+$", var.roentgen_url)) || var.trace_to == "xray" && var.roentgen_url == ""
    error_message = "Where traces go to a Roentgen server, its URL is http:// or https://, a host and a port."
  }
}

variable "roentgen_token_secret_arn" {
  description = "ARN of the secret whose member ROENTGEN_TOKEN the sidecars show a Roentgen server."
  type        = string
  default     = ""

  validation {
    condition     = var.trace_to == "xray" || var.roentgen_token_secret_arn != ""
    error_message = "A Roentgen server asks for a token: name the secret that holds it."
  }
}

variable "agent_image" {
  description = "Image of the sidecar, by digest: Roentgen's, whose program is the agent too."
  type        = string

  validation {
    condition     = can(regex("@sha256:[0-9a-f]{64}$", var.agent_image))
    error_message = "The image ends in @sha256: and 64 hex digits."
  }
}

variable "daemon_image" {
  description = "AWS's own daemon in the place of Roentgen's agent, by digest: public.ecr.aws/xray/aws-xray-daemon@sha256:… It sends to X-Ray alone, and keeps no errors that were not sampled. Empty: Roentgen's agent."
  type        = string
  default     = ""

  validation {
    condition     = var.daemon_image == "" || can(regex("@sha256:[0-9a-f]{64}$", var.daemon_image))
    error_message = "The image ends in @sha256: and 64 hex digits."
  }

  validation {
    condition     = var.daemon_image == "" || var.trace_to == "xray"
    error_message = "AWS's daemon sends to X-Ray alone: leave daemon_image empty where traces go to a Roentgen server."
  }
}

variable "sampling_rate" {
  description = "XRAY_SAMPLING_RATE of all services, 0 to 1."
  type        = number

  validation {
    condition     = var.sampling_rate >= 0 && var.sampling_rate <= 1
    error_message = "The sampling rate is a number from 0 to 1."
  }
}

variable "execution_role_arn" {
  description = "Role that ECS starts the tasks with."
  type        = string
}

variable "task_role_arns" {
  description = "Role that each service runs as."
  type = object({
    main_backend   = string
    gguf_server    = string
    asr_ocr_server = string
  })
}

variable "log_group_names" {
  description = "Log group of each container, by service and service_agent."
  type        = map(string)
}

variable "log_level" {
  description = "Least level of log lines: debug, info, warn or error."
  type        = string
  default     = "info"

  validation {
    condition     = contains(["debug", "info", "warn", "error"], var.log_level)
    error_message = "The level is debug, info, warn or error."
  }
}

variable "station" {
  description = "The police station. Its code begins the numbers of its reports."
  type = object({
    code     = string
    name     = string
    district = string
    state    = string
  })
}

variable "model_server_url" {
  description = "URL at which the backend reaches the model server, such as http://afirgen-gguf-server.afirgen.internal:8001."
  type        = string
}

variable "asr_ocr_server_url" {
  description = "URL at which the backend reaches the ASR/OCR server."
  type        = string
}

variable "model_endpoint" {
  description = "OpenAI-style endpoint of the language models, https://host/v1#model. Empty: rules, no language model."
  type        = string
  default     = ""
}

variable "database_url" {
  description = "mysql://host:3306/fir_db?tls=true, without user and password: they are in the secret."
  type        = string

  validation {
    condition     = startswith(var.database_url, "mysql://") && !strcontains(var.database_url, "@")
    error_message = "The URL begins with mysql:// and holds no user and no password."
  }
}

variable "archive_bucket" {
  description = "Name of the bucket that keeps uploads and locked reports."
  type        = string
}

variable "api_keys_secret_arn" {
  description = "ARN of the secret with API_KEY, FIR_AUTH_KEY and XRAY_FORCE_KEY."
  type        = string
}

variable "mysql_secret_arn" {
  description = "ARN of the secret with the database's user and password."
  type        = string
}

variable "trusted_proxies" {
  description = "Networks of the load balancer, whose X-Forwarded-For and trace header are believed."
  type        = list(string)
  default     = []
}

variable "cors_origins" {
  description = "Other web pages that may call. The clerk's page needs none."
  type        = list(string)
  default     = []
}

variable "tags" {
  description = "Tags of the task definitions."
  type        = map(string)
  default     = {}
}
