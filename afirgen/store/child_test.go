package store

import "os"

const childRole, childDSN = "AFIRGEN_STORE_TEST_ROLE", "AFIRGEN_STORE_TEST_DSN"

func child(role, dsn string) int { os.Stderr.WriteString(role + dsn); return 1 }
