//go:build !linux

package main

import "errors"

var errNotLinux = errors.New("that is looked at on Linux alone")

func freeSpace(string) (int64, error) { return 0, errNotLinux }

func openFiles() (uint64, error) { return 0, errNotLinux }
