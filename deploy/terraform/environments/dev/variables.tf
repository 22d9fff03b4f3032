variable "region" {
  description = "Region of everything, such as ap-south-1."
  type        = string
  default     = "ap-south-1"
}

variable "trace_to" {
  description = "Where traces go: xray (AWS X-Ray), or roentgen (a Roentgen server, made here unless roentgen_url names another). Going back to xray deletes the server that was made here, with its traces."
  type        = string
  default     = "xray"

  validation {
    condition     = contains(["xray", "roentgen"], var.trace_to)
    error_message = "Traces go to xray or to roentgen."
  }
}

variable "roentgen_url" {
  description = "A Roentgen server elsewhere, such as https://roentgen.example.in. Write its token into the secret afirgen/roentgen/token, as ROENTGEN_TOKEN. Empty: one is made here, where traces go to one."
  type        = string
  default     = ""
}

variable "console_host" {
  description = "Name under which the load balancer shows the console of the server that is made here, such as traces.example.in. Empty: from outside of the VPC nobody reaches it."
  type        = string
  default     = ""
}

variable "daemon_image" {
  description = "AWS's own X-Ray daemon in the place of Roentgen's agent, by digest: public.ecr.aws/xray/aws-xray-daemon@sha256:… Empty: Roentgen's agent."
  type        = string
  default     = ""
}

variable "image_digests" {
  description = "Digest of each image in its repository."
  type = object({
    main_backend   = string
    gguf_server    = string
    asr_ocr_server = string
    roentgen       = string
  })

  validation {
    condition     = alltrue([for digest in values(var.image_digests) : can(regex("^sha256:[0-9a-f]{64}$", digest))])
    error_message = "Each digest is sha256: and 64 hex digits."
  }
}

variable "certificate_arn" {
  description = "ARN of the certificate (ACM, in this region) of the name that clerks and callers use, and of console_host."
  type        = string
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

variable "model_endpoint" {
  description = "OpenAI-style endpoint of the language models. Empty: rules."
  type        = string
  default     = ""
}

variable "alarm_email" {
  description = "Address that every alarm is mailed to. Empty: nobody is mailed."
  type        = string
  default     = ""
}

variable "alarm_topic_arns" {
  description = "SNS topics that hear of the alarms beside the one made here."
  type        = list(string)
  default     = []
}
