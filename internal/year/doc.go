// Package year runs a firm for a year within seconds: the real API, processes,
// activities and postman on a real Postgres, with a clock of their own. Random
// people record, bill, pay, credit and make void; what must hold is asked after
// every day.
//
// It has tests only. What only a real Temporal and real processes can show is
// in package e2e.
package year
