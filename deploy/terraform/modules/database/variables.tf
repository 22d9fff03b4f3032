variable "environment" {
  description = "dev or prod. In prod the database stands in two zones unless multi_az says otherwise, and cannot be deleted."
  type        = string

  validation {
    condition     = contains(["dev", "prod"], var.environment)
    error_message = "The environment is dev or prod."
  }
}

variable "subnet_ids" {
  description = "Private subnets, in at least two zones."
  type        = list(string)

  validation {
    condition     = length(var.subnet_ids) >= 2
    error_message = "RDS wants subnets in at least two zones."
  }
}

variable "security_group_id" {
  description = "Security group of the database, which lets in the backend alone."
  type        = string
}

variable "engine_version" {
  description = "Version of MySQL, 8.0 or 8.4. RDS charges extra for a version after its end of standard support."
  type        = string
  default     = "8.0"

  validation {
    condition     = contains(["8.0", "8.4"], var.engine_version)
    error_message = "The version is 8.0 or 8.4; minor versions come by themselves."
  }
}

variable "instance_class" {
  description = "Class of the instance, such as db.t4g.medium."
  type        = string
  default     = "db.t4g.medium"

  validation {
    condition     = can(regex("^db[.][a-z0-9]+[.](medium|large|[0-9]*xlarge)$", var.instance_class))
    error_message = "The class is such as db.t4g.medium: Performance Insights of MySQL wants medium or larger."
  }
}

variable "multi_az" {
  description = "A standby in the other zone, which takes over by itself. Null: in prod."
  type        = bool
  default     = null
}

variable "allocated_storage" {
  description = "Storage to begin with, in GiB."
  type        = number
  default     = 100

  validation {
    condition     = var.allocated_storage >= 20 && var.allocated_storage <= 65536
    error_message = "RDS gives from 20 to 65536 GiB of gp3."
  }
}

variable "max_allocated_storage" {
  description = "Storage that RDS may grow to by itself, in GiB."
  type        = number
  default     = 500

  validation {
    condition     = var.max_allocated_storage > var.allocated_storage
    error_message = "The most is more than the storage to begin with."
  }
}

variable "backup_days" {
  description = "Days that daily backups, and with them every moment between, can be restored."
  type        = number
  default     = 7

  validation {
    condition     = var.backup_days >= 7 && var.backup_days <= 35
    error_message = "Backups are kept for 7 to 35 days."
  }
}

variable "log_exports" {
  description = "Logs of MySQL that go to CloudWatch. The slow log holds statements with their values, so who may read it reads pieces of complaints: leave slowquery out where that is too many."
  type        = set(string)
  default     = ["error", "slowquery"]

  validation {
    condition     = alltrue([for kind in var.log_exports : contains(["error", "slowquery"], kind)])
    error_message = "Logs are error and slowquery. The general log would hold every complaint."
  }
}

variable "password_version" {
  description = "Add one for a new password. The backend reads it when it starts: start its tasks anew after that."
  type        = number
  default     = 1
}

variable "tags" {
  description = "Tags of everything that can have tags."
  type        = map(string)
  default     = {}
}
