package importer

import (
	"fmt"

	"steward/internal/fault"
)

// An index finds the things of one kind by their keys.
type index[T any] struct {
	kind    string     // "client"
	file    string     // where they come from
	unknown fault.Code // of a key that is nowhere
	stored  map[string]*T
	fresh   map[string]*T
	rows    map[string]int  // the first row with a key: its line
	bad     map[string]bool // that row was refused
}

func newIndex[T any](kind, file string, unknown fault.Code) *index[T] {
	return &index[T]{kind, file, unknown, map[string]*T{}, map[string]*T{}, map[string]int{}, map[string]bool{}}
}

// claim gives a key to a row, and tells whether it is the first one to have it.
func (x *index[T]) claim(r *row, key string) bool {
	if key == "" {
		return false
	}
	if first, taken := x.rows[key]; taken {
		r.problem(r.book.key(), DuplicateKey, "%s %s is in line %d already", x.kind, quote(key), first)
		return false
	}
	x.rows[key] = r.line
	return true
}

// refuse marks the thing with the key as bad.
func (x *index[T]) refuse(key string) {
	x.bad[key] = true
	delete(x.fresh, key)
}

// find looks a key up, among what is stored first: a bad row does not make bad
// what an earlier import brought. Where there is nothing it says why.
func (x *index[T]) find(key string) (*T, fault.Code, string) {
	if t := x.stored[key]; t != nil {
		return t, "", ""
	}
	if x.bad[key] {
		return nil, RefusedRow, fmt.Sprintf("%s %s was refused: %s, line %d", x.kind, quote(key), x.file, x.rows[key])
	}
	if t := x.fresh[key]; t != nil {
		return t, "", ""
	}
	return nil, x.unknown, fmt.Sprintf("there is no %s %s in %s, nor was it imported before", x.kind, quote(key), x.file)
}

// refer finds what a cell refers to. It is nil without a problem if the cell is
// empty, and nil with one if there is no such thing.
func (x *index[T]) refer(r *row, column string) *T {
	key := r.cell(column)
	if key == "" {
		return nil
	}
	t, code, reason := x.find(key)
	if t == nil {
		r.problem(column, code, "%s", reason)
	}
	return t
}

// mustRefer is refer for a cell that must not be empty.
func (x *index[T]) mustRefer(r *row, column string) *T {
	if r.cell(column) == "" {
		r.problem(column, Missing, "%s is missing", column)
	}
	return x.refer(r, column)
}
