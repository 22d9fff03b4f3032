//go:build !long

package test

// listRows is how many traces the list is scrolled over.
const listRows = 5_000
