variable "environment" {
  description = "dev or prod. The load balancer of prod cannot be deleted by accident."
  type        = string

  validation {
    condition     = contains(["dev", "prod"], var.environment)
    error_message = "The environment is dev or prod."
  }
}

variable "vpc_id" {
  description = "The VPC."
  type        = string
}

variable "public_subnet_ids" {
  description = "Subnets of the load balancer, in at least two zones."
  type        = list(string)

  validation {
    condition     = length(var.public_subnet_ids) >= 2
    error_message = "A load balancer wants subnets in at least two zones."
  }
}

variable "private_subnet_ids" {
  description = "Subnets of the tasks. None of them gets a public address."
  type        = list(string)
}

variable "security_group_ids" {
  description = "Security groups of the load balancer and of the three services' tasks."
  type = object({
    alb            = string
    main_backend   = string
    gguf_server    = string
    asr_ocr_server = string
  })
}

variable "certificate_arn" {
  description = "ARN of the certificate (ACM, in this region) of the name that clerks and callers use."
  type        = string

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:acm:", var.certificate_arn))
    error_message = "The certificate is one of ACM: arn:aws:acm:REGION:ACCOUNT:certificate/ID."
  }
}

variable "namespace" {
  description = "Domain inside of the VPC, under which services find each other."
  type        = string
}

variable "services" {
  description = "What runs: of each service its name, its definition, and the container and port that take requests, as the module tasks puts them out."
  type = map(object({
    name                = string
    task_definition_arn = string
    container           = string
    port                = number
  }))
}

variable "logs_bucket" {
  description = "Bucket of the load balancer's access logs."
  type        = string
}

variable "alb_log_prefix" {
  description = "Prefix in that bucket under which the load balancer may write."
  type        = string
}

variable "counts" {
  description = "Fewest and most tasks of each service."
  type        = map(object({ least = number, most = number }))
  default = {
    main_backend   = { least = 2, most = 10 }
    gguf_server    = { least = 1, most = 5 }
    asr_ocr_server = { least = 1, most = 5 }
  }

  validation {
    condition     = alltrue([for count in values(var.counts) : count.least >= 1 && count.most >= count.least])
    error_message = "Each service has at least one task, and at most no fewer than that."
  }
}

variable "tags" {
  description = "Tags of everything that can have tags."
  type        = map(string)
  default     = {}
}
