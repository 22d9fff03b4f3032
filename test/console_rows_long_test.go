//go:build long

package test

// listRows is how many traces the list is scrolled over: the promise.
const listRows = 100_000
