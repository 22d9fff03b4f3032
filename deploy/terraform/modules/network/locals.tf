locals {
  # Two zones. Of 10.0.0.0/16 the public subnets are 10.0.1.0/24 and 10.0.2.0/24, the private ones 10.0.10.0/24 and 10.0.11.0/24.
  zones = {
    a = { index = 0, public = cidrsubnet(var.cidr, 8, 1), private = cidrsubnet(var.cidr, 8, 10) }
    b = { index = 1, public = cidrsubnet(var.cidr, 8, 2), private = cidrsubnet(var.cidr, 8, 11) }
  }

  # Zones with a NAT gateway of their own.
  nat_zones = { for zone, of in local.zones : zone => of if var.nat_per_zone || zone == "a" }

  # What stands in the subnets and runs our images.
  tasks = ["main_backend", "gguf_server", "asr_ocr_server", "roentgen"]

  log_days = { dev = 7, prod = 30 }

  tags = merge(var.tags, { Environment = var.environment, Service = "network" })
}
