variable "environment" {
  description = "dev or prod: the first word of every alarm's and dashboard's name."
  type        = string

  validation {
    condition     = contains(["dev", "prod"], var.environment)
    error_message = "The environment is dev or prod."
  }
}

variable "region" {
  description = "Region of everything here, such as ap-south-1. The dashboards ask it."
  type        = string
}

variable "log_group_names" {
  description = "Log group of each container, by service and service_agent, as the module tracing puts them out. Metric filters read there."
  type = object({
    main_backend         = string
    main_backend_agent   = string
    gguf_server          = string
    gguf_server_agent    = string
    asr_ocr_server       = string
    asr_ocr_server_agent = string
  })
}

variable "cluster_name" {
  description = "Name of the ECS cluster."
  type        = string
}

variable "service_names" {
  description = "Names of the three ECS services in the cluster."
  type = object({
    main_backend   = string
    gguf_server    = string
    asr_ocr_server = string
  })
}

variable "alb_arn_suffix" {
  description = "The load balancer as its metrics name it, app/NAME/ID: the attribute arn_suffix of aws_lb."
  type        = string

  validation {
    condition     = startswith(var.alb_arn_suffix, "app/")
    error_message = "The suffix of an application load balancer's ARN begins with app/."
  }
}

variable "target_group_arn_suffix" {
  description = "The backend's target group as its metrics name it, targetgroup/NAME/ID: the attribute arn_suffix of aws_lb_target_group."
  type        = string

  validation {
    condition     = startswith(var.target_group_arn_suffix, "targetgroup/")
    error_message = "The suffix of a target group's ARN begins with targetgroup/."
  }
}

variable "database_identifier" {
  description = "Identifier of the RDS instance. Empty: the database is elsewhere, and nothing here watches it but the backend's log."
  type        = string
  default     = ""
}

variable "xray_group_names" {
  description = "X-Ray groups of the services and of traces with a fault. Empty where traces go to a Roentgen server: AWS then has no metric of them."
  type = object({
    services = string
    faults   = string
  })
  default = {
    services = ""
    faults   = ""
  }
}

variable "fault_rate_alarm_name" {
  description = "Name of the alarm on the share of traces with a fault, which stands in the module tracing. Empty: there is none."
  type        = string
  default     = ""
}

variable "alarm_email" {
  description = "Address that every alarm is mailed to, once it has confirmed the subscription. Empty: nobody is mailed."
  type        = string
  default     = ""
}

variable "alarm_topic_arns" {
  description = "SNS topics that hear of the alarms beside the one made here."
  type        = list(string)
  default     = []
}

variable "tags" {
  description = "Tags of everything that can have tags."
  type        = map(string)
  default     = {}
}

variable "roentgen_agent" {
  description = "Whether the sidecar is Roentgen's agent, which logs its ledger once a minute. False with the official X-Ray daemon, which counts nothing that could be watched."
  type        = bool
  default     = true
}
