variable "region" {
  description = "Region of everything, such as ap-south-1."
  type        = string
  default     = "ap-south-1"
}

variable "images" {
  description = "Image of each service, by digest."
  type = object({
    main_backend   = string
    gguf_server    = string
    asr_ocr_server = string
  })
}

variable "agent_image" {
  description = "Image of the sidecar, by digest: public.ecr.aws/xray/aws-xray-daemon@sha256:…"
  type        = string
}

variable "repository_arns" {
  description = "ARNs of the ECR repositories that hold the services' images."
  type        = list(string)
}

variable "station" {
  description = "The police station."
  type = object({
    code     = string
    name     = string
    district = string
    state    = string
  })
}

variable "model_server_url" {
  description = "URL at which the backend reaches the model server."
  type        = string
}

variable "asr_ocr_server_url" {
  description = "URL at which the backend reaches the ASR/OCR server."
  type        = string
}

variable "model_endpoint" {
  description = "OpenAI-style endpoint of the language models. Empty: rules."
  type        = string
  default     = ""
}

variable "database_url" {
  description = "mysql://host:3306/fir_db?tls=true, without user and password."
  type        = string
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
  description = "Networks of the load balancer."
  type        = list(string)
  default     = []
}

variable "alarm_topic_arns" {
  description = "SNS topics that hear of the alarm."
  type        = list(string)
  default     = []
}
