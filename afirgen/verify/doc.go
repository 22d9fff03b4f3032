// Package verify looks at a running AFIRGen from outside: it files complaints, makes mistakes on purpose, reads the
// traces of all of it back by AWS's own client, from Roentgen or from AWS X-Ray, and holds every document against the
// contract of package contract and of docs/afirgen/verify.md.
//
// Eight checks, in the order of Titles, each with everything that it found wrong: what was asserted, what was expected
// and what was found. A check never passes because it could not look.
//
// It writes complaints and reports into the deployment like any clerk, all of them made up. It waits for every goroutine
// that it starts, and every wait of it is bounded. What it prints holds no complaint.
package verify
