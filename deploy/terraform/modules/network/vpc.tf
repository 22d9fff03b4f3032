data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

# Zones of the region itself: a local zone or one that an account has to ask for has no RDS and no Fargate.
data "aws_availability_zones" "available" {
  state = "available"

  filter {
    name   = "opt-in-status"
    values = ["opt-in-not-required"]
  }
}

# Private names of the interface endpoints want both settings of DNS.
resource "aws_vpc" "main" {
  cidr_block           = var.cidr
  enable_dns_support   = true
  enable_dns_hostnames = true
  tags                 = merge(local.tags, { Name = "afirgen-${var.environment}" })
}

# The group that a network interface has when nobody says which. Without rules it lets nothing in or out.
resource "aws_default_security_group" "none" {
  vpc_id = aws_vpc.main.id
  tags   = merge(local.tags, { Name = "afirgen-${var.environment}-unused" })
}

resource "aws_subnet" "public" {
  for_each = local.zones

  vpc_id                  = aws_vpc.main.id
  availability_zone       = data.aws_availability_zones.available.names[each.value.index]
  cidr_block              = each.value.public
  map_public_ip_on_launch = false # a load balancer and a NAT gateway bring their own
  tags                    = merge(local.tags, { Name = "afirgen-${var.environment}-public-${each.key}" })
}

resource "aws_subnet" "private" {
  for_each = local.zones

  vpc_id                  = aws_vpc.main.id
  availability_zone       = data.aws_availability_zones.available.names[each.value.index]
  cidr_block              = each.value.private
  map_public_ip_on_launch = false
  tags                    = merge(local.tags, { Name = "afirgen-${var.environment}-private-${each.key}" })
}
