provider "aws" {
  region = var.region

  default_tags {
    tags = { Project = "afirgen", Environment = "dev" }
  }
}

locals {
  # Domain inside of the VPC, under which services find each other.
  namespace = "afirgen.internal"

  images = { for part, digest in var.image_digests : part => "${module.registry.repository_urls[part]}@${digest}" }

  # A Roentgen server is made here where traces go to one and none is named.
  own_server   = toset([for url in [var.roentgen_url] : "own" if var.trace_to == "roentgen" && url == ""])
  roentgen_url = var.roentgen_url == "" ? "http://roentgen.${local.namespace}:1895" : var.roentgen_url
}

module "network" {
  source = "../../modules/network"

  environment = "dev"
  region      = var.region

  # What sends nothing to X-Ray needs no endpoint of it, which costs by the hour.
  interface_endpoints = [for service in ["ecr.api", "ecr.dkr", "logs", "secretsmanager", "xray"] : service if service != "xray" || var.trace_to == "xray"]
}

module "registry" {
  source = "../../modules/registry"

  environment = "dev"
}

module "secrets" {
  source = "../../modules/secrets"

  environment = "dev"
}

module "storage" {
  source = "../../modules/storage"

  environment = "dev"
}

module "database" {
  source = "../../modules/database"

  environment       = "dev"
  subnet_ids        = module.network.private_subnet_ids
  security_group_id = module.network.security_group_ids["database"]
}
