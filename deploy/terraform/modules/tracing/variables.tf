variable "environment" {
  description = "dev or prod. It sets the share of requests that is recorded, and how long logs are kept."
  type        = string

  validation {
    condition     = contains(["dev", "prod"], var.environment)
    error_message = "The environment is dev or prod."
  }
}

variable "region" {
  description = "Region of everything here, such as ap-south-1."
  type        = string
}

variable "trace_to" {
  description = "Where traces go: xray, whose policy, sampling rules, groups and alarm are then made, or roentgen, which needs nothing of X-Ray."
  type        = string
  default     = "xray"

  validation {
    condition     = contains(["xray", "roentgen"], var.trace_to)
    error_message = "Traces go to xray or to roentgen."
  }
}

variable "service_names" {
  description = "Names of the three segments, by the role of their service. They all begin with afirgen-, which is what the sampling rules match."
  type = object({
    main_backend   = string
    gguf_server    = string
    asr_ocr_server = string
  })
  default = {
    main_backend   = "afirgen-main-backend"
    gguf_server    = "afirgen-gguf-server"
    asr_ocr_server = "afirgen-asr-ocr-server"
  }

  validation {
    condition     = alltrue([for name in values(var.service_names) : startswith(name, "afirgen-")])
    error_message = "Each name begins with afirgen-: no sampling rule matches another."
  }
}

variable "archive_bucket_arn" {
  description = "ARN of the bucket that keeps uploads and locked reports."
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

variable "roentgen_token_secret_arn" {
  description = "ARN of the secret with the sidecars' token, where traces go to a Roentgen server."
  type        = string
  default     = ""

  validation {
    condition     = var.trace_to == "xray" || var.roentgen_token_secret_arn != ""
    error_message = "A Roentgen server asks for a token: name the secret that holds it."
  }
}

variable "repository_arns" {
  description = "ARNs of the ECR repositories that hold the images."
  type        = list(string)

  validation {
    condition     = length(var.repository_arns) > 0
    error_message = "The tasks pull their images from at least one repository."
  }
}

variable "alarm_topic_arns" {
  description = "SNS topics that hear of the alarm. Empty: the alarm is seen in CloudWatch alone."
  type        = list(string)
  default     = []
}

variable "tags" {
  description = "Tags of everything that can have tags."
  type        = map(string)
  default     = {}
}
