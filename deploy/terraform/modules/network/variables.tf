variable "environment" {
  description = "dev or prod. It sets how long flow logs are kept."
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

variable "cidr" {
  description = "Addresses of the VPC, a /16: subnets are /24s of it."
  type        = string
  default     = "10.0.0.0/16"

  validation {
    condition     = can(regex("^(10[.][0-9]{1,3}|172[.](1[6-9]|2[0-9]|3[01])|192[.]168)[.]0[.]0/16$", var.cidr))
    error_message = "The VPC is a private /16, such as 10.0.0.0/16."
  }
}

variable "nat_per_zone" {
  description = "One NAT gateway in each zone, so that the loss of a zone leaves the other its way out; or one for both, at half the price."
  type        = bool
  default     = true
}

variable "https_egress_cidrs" {
  description = "Where tasks may go on port 443, besides the endpoints and S3. Everywhere, because public images and a language model are on the internet. Empty, where all images are in ECR and every AWS service in use has an endpoint."
  type        = list(string)
  default     = ["0.0.0.0/0"]
}

variable "interface_endpoints" {
  description = "AWS services that tasks reach inside of the VPC, not by way of NAT. Each costs by the hour and zone."
  type        = set(string)
  default     = ["ecr.api", "ecr.dkr", "logs", "secretsmanager", "xray"]

  validation {
    condition     = alltrue([for service in var.interface_endpoints : contains(["ecr.api", "ecr.dkr", "logs", "monitoring", "secretsmanager", "xray"], service)])
    error_message = "Endpoints are ecr.api, ecr.dkr, logs, monitoring, secretsmanager and xray."
  }
}

variable "tags" {
  description = "Tags of everything that can have tags."
  type        = map(string)
  default     = {}
}
