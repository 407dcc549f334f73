// Package bench measures steward beside what it stands on, in one run on one
// machine: a figure alone says little, a ratio travels. `make bench` runs it.
package bench
