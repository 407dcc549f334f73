// Package e2e tests steward as people run it: the real binary, a real Postgres,
// a real Temporal, over HTTP.
package e2e
