variable "environment" {
  description = "dev or prod. A repository of dev may be deleted with its images."
  type        = string

  validation {
    condition     = contains(["dev", "prod"], var.environment)
    error_message = "The environment is dev or prod."
  }
}

variable "keep_images" {
  description = "Tagged images that each repository keeps. Task definitions name images by digest: an old one starts only as long as its image is kept."
  type        = number
  default     = 50

  validation {
    condition     = var.keep_images >= 10
    error_message = "Keep at least 10 images, to go back to."
  }
}

variable "tags" {
  description = "Tags of everything that can have tags."
  type        = map(string)
  default     = {}
}
