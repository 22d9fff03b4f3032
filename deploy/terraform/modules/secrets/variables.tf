variable "environment" {
  description = "dev or prod. A deleted secret of prod can be had back for 30 days."
  type        = string

  validation {
    condition     = contains(["dev", "prod"], var.environment)
    error_message = "The environment is dev or prod."
  }
}

variable "api_keys_version" {
  description = "Add one for new values of API_KEY, FIR_AUTH_KEY and XRAY_FORCE_KEY. The backend reads them when it starts: start its tasks anew after that, and give callers the new key."
  type        = number
  default     = 1
}

variable "roentgen_token_version" {
  description = "Add one for new tokens of the Roentgen server. Start the server and the tasks with an agent anew after that."
  type        = number
  default     = 1
}

variable "tags" {
  description = "Tags of everything that can have tags."
  type        = map(string)
  default     = {}
}
