// Package load sends steward the work of a firm's day, by the HTTP contract,
// and watches what becomes of it: how long answers take, what the processes
// need, how the databases and the histories of processes grow, and whether
// everything that was answered is there in the end. The program steady holds
// such a load for an hour, and upgrade changes the version under one. Beside
// steward's answers it measures the least of what steward stands on, in the
// same run: a figure alone says little, a ratio travels.
//
// It owns no figures that others rely on: what it measures is printed, and
// docs/performance.md and docs/growing.md say what was measured when.
package load
