// Package planted has the bugs that the fault harness has to find. A binary
// built with the tag of the same name has the one that STEWARD_PLANTED names,
// from when on there is a file that STEWARD_PLANTED_FROM names: "lost", a
// transaction in twenty is answered as kept and rolled back; "doubled", keys of
// writes are forgotten; "disordered", an edit in three is answered at once and
// carried out a second later. Any other binary has none of them, and nothing of
// this package is left in it.
package planted
