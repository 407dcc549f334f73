// Package chaos judges what a system made of a load while it was disturbed. A
// load remembers every write with what it was answered, and every read with what
// it saw; afterwards it is found what was kept, and in which order. [Judge] holds
// the two against each other and names what cannot be: an answered write that is
// lost or there twice, a refused one that happened, two of one entity in another
// order than their answers allow, a read of what was already overwritten.
//
// It is a pure package: it knows neither the clock nor what a task is. Whoever
// drives the load says which writes share a register, that is, follow each other.
package chaos
