//go:build !crash

package main

import "steward/internal/postgres"

// misset does nothing: only a binary built for tests can have a clock of its own.
func misset(*postgres.Store) {}
