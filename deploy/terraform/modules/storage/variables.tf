variable "environment" {
  description = "dev or prod. It is part of the buckets' names, and sets how long what was overwritten or deleted is kept."
  type        = string

  validation {
    condition     = contains(["dev", "prod"], var.environment)
    error_message = "The environment is dev or prod."
  }
}

variable "tags" {
  description = "Tags of everything that can have tags."
  type        = map(string)
  default     = {}
}
