terraform {
  required_version = ">= 1.11" # for arguments that are written and never kept in the state

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.25"
    }
  }
}
