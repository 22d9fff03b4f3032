variable "environment" {
  description = "dev or prod. It sets how long logs are kept."
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

variable "vpc_id" {
  description = "The VPC."
  type        = string
}

variable "private_subnet_ids" {
  description = "Subnets of the task and of its data's mount targets, one in each zone."
  type        = list(string)
}

variable "security_group_ids" {
  description = "Security groups of the server and of its data."
  type = object({
    roentgen = string
    efs      = string
  })
}

variable "cluster_arn" {
  description = "The ECS cluster."
  type        = string
}

variable "namespace_id" {
  description = "Where the server is registered under a name inside of the VPC."
  type        = string
}

variable "image" {
  description = "Image of Roentgen, by digest."
  type        = string

  validation {
    condition     = can(regex("@sha256:[0-9a-f]{64}$", var.image))
    error_message = "The image ends in @sha256: and 64 hex digits."
  }
}

variable "repository_arns" {
  description = "ARNs of the ECR repositories, for the role that pulls."
  type        = list(string)
}

variable "token_secret_arn" {
  description = "ARN of the secret whose member TOKENS is the server's file of tokens: lines of a name and a token."
  type        = string
}

variable "console_host" {
  description = "Name under which the load balancer shows the console, such as traces.example.in; its certificate has to have it. Empty: from outside of the VPC nobody reaches the server."
  type        = string
  default     = ""

  validation {
    condition     = var.console_host == "" || can(regex("^[a-z0-9-]+([.][a-z0-9-]+)+$", var.console_host))
    error_message = "The console's host is a name such as traces.example.in, without https:// and without a path."
  }
}

variable "https_listener_arn" {
  description = "Listener of the load balancer on port 443, for the console."
  type        = string
}

variable "retention" {
  description = "How long traces are kept."
  type        = string
  default     = "168h"

  validation {
    condition     = can(regex("^[1-9][0-9]*h$", var.retention))
    error_message = "Retention is in hours, such as 168h."
  }
}

variable "retain_failing" {
  description = "How long traces that failed are kept."
  type        = string
  default     = "720h"

  validation {
    condition     = can(regex("^[1-9][0-9]*h$", var.retain_failing))
    error_message = "Retention is in hours, such as 720h."
  }
}

variable "max_disk_gib" {
  description = "Most that traces take on disk, in GiB; the oldest go first. EFS has no end of its own, and each GiB costs."
  type        = number
  default     = 50

  validation {
    condition     = var.max_disk_gib >= 1
    error_message = "Traces get at least 1 GiB."
  }
}

variable "tags" {
  description = "Tags of everything that can have tags."
  type        = map(string)
  default     = {}
}
