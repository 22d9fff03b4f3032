// Package kb finds the sections of law that a complaint may disclose, offline, in English, Hindi and romanised Hindi,
// and shows the words of the complaint that speak for each.
//
// It owns the sections as reviewed data under data/, which Load reads and validates strictly: a Base is whole or there is
// none. A Base is never changed after Load, holds no file open and may be used by any number of goroutines.
//
// The ingredients of a section are the facts by which a complaint is found; they are not the elements that a court asks
// for. What it returns are suggestions for an officer, never a finding: every section carries the confidence of its
// classification, and every Result the notice to verify with the First Schedule of the BNSS. It reads no clock, writes
// nothing and keeps nothing of a complaint.
package kb
