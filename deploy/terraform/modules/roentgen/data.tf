# The data directory is on EFS. The store asks three things of a disk: a lock that ends with its holder (flock), fsync that
# is true, and a rename that is whole. EFS, which is NFS 4.1, gives all three, and the directory outlives every task.
#
# An EBS volume is quicker and does not do: ECS makes a new one for each task of a service and deletes it with the task. For a
# server whose data is on EBS take an EC2 instance with the systemd unit.
#
# The server keeps no file mapped into memory: that is the agent's way, whose directory does not belong on EFS.

resource "aws_efs_file_system" "data" {
  creation_token   = "afirgen-roentgen"
  encrypted        = true
  performance_mode = "generalPurpose"
  throughput_mode  = "elastic"
  tags             = merge(local.tags, { Name = "afirgen-roentgen" })
}

resource "aws_efs_mount_target" "data" {
  for_each = { for i, subnet in var.private_subnet_ids : tostring(i) => subnet }

  file_system_id  = aws_efs_file_system.data.id
  subnet_id       = each.value
  security_groups = [var.security_group_ids.efs]
}

# Whoever comes by way of this point is user 10001, as whom the container runs, and sees one directory.
resource "aws_efs_access_point" "data" {
  file_system_id = aws_efs_file_system.data.id
  tags           = local.tags

  posix_user {
    uid = 10001
    gid = 10001
  }

  root_directory {
    path = "/roentgen"

    creation_info {
      owner_uid   = 10001
      owner_gid   = 10001
      permissions = "0750"
    }
  }
}
