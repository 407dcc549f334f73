package importer

import (
	"cmp"
	"fmt"
	"slices"
	"unicode/utf8"

	"steward/internal/fault"
)

// Codes of what can be wrong with a file or a row. Dates and currencies have
// the codes of [steward/internal/civil] and [steward/internal/money].
const (
	MissingFile      fault.Code = "missing_file"        // it is not in the folder
	NoHeader         fault.Code = "no_header"           // the file is empty
	UnknownColumn    fault.Code = "unknown_column"      // a header that means nothing here
	MissingColumn    fault.Code = "missing_column"      // a header that has to be there
	DuplicateColumn  fault.Code = "duplicate_column"    // a header that is there twice
	BadQuotes        fault.Code = "bad_quotes"          // a quote opens or closes in the wrong place
	WrongCells       fault.Code = "wrong_cells"         // more or fewer cells than headers
	BadEncoding      fault.Code = "bad_encoding"        // not UTF-8
	BadText          fault.Code = "bad_text"            // a character that no text may hold
	TooLong          fault.Code = "too_long"            // more characters than are kept
	Missing          fault.Code = "missing"             // a cell is empty that must not be
	BadNumber        fault.Code = "bad_number"          // not a whole number
	BadAmount        fault.Code = "bad_amount"          // not an amount, or with too many decimals
	OutOfRange       fault.Code = "out_of_range"        // a number or an amount too small or too large
	BadBoolean       fault.Code = "bad_boolean"         // neither yes nor no
	BadClock         fault.Code = "bad_time"            // not a time of that day
	BadEmail         fault.Code = "bad_email"           // not an e-mail address
	UnknownRole      fault.Code = "unknown_role"        // not a role of staff
	UnknownStatus    fault.Code = "unknown_status"      // not a status
	UnknownChoice    fault.Code = "unknown_choice"      // not one of the words for it
	UnknownTimeZone  fault.Code = "unknown_time_zone"   // not in the time zone database
	DuplicateKey     fault.Code = "duplicate_key"       // an earlier row has the key
	DuplicateEmail   fault.Code = "duplicate_email"     // somebody else has the address
	UnknownClient    fault.Code = "unknown_client"      // neither in the files nor imported before
	UnknownPerson    fault.Code = "unknown_person"      // the same
	UnknownProject   fault.Code = "unknown_project"     // the same
	UnknownTask      fault.Code = "unknown_task"        // the same
	UnknownAssignee  fault.Code = "unknown_assignee"    // neither a person nor a group
	RefusedRow       fault.Code = "refused_row"         // it depends on a bad row
	ParentElsewhere  fault.Code = "parent_elsewhere"    // the parent is in another project
	DependsElsewhere fault.Code = "depends_elsewhere"   // what the task depends on is in another project
	ParentCycle      fault.Code = "parent_cycle"        // the task is its own ancestor
	DependencyCycle  fault.Code = "dependency_cycle"    // the task waits for itself
	OverlappingRates fault.Code = "overlapping_rates"   // two rates from the same day on
	Contradiction    fault.Code = "contradiction"       // two cells that cannot both be right
	FutureDate       fault.Code = "future_date"         // the work date has not come yet where the person is
	NotCleared       fault.Code = "project_not_cleared" // work on a project before its clearance
)

// PriorityLowered is the code of a note, not of a problem: a priority of 6 to
// 10, from a longer scale than steward's, came in as 5.
const PriorityLowered fault.Code = "priority_lowered"

// A Problem is one thing that is wrong with one place of a file.
type Problem struct {
	File   string     `json:"file"`
	Line   int        `json:"line,omitempty"`   // where the row begins; 0: the file as a whole
	Column string     `json:"column,omitempty"` // the header; empty: the row as a whole
	Code   fault.Code `json:"code"`
	Reason string     `json:"reason"`
}

// String is one line: "tasks.csv:12: parent: no task T9 (unknown_task)".
func (p Problem) String() string {
	at := p.File
	if p.Line > 0 {
		at = fmt.Sprintf("%s:%d", at, p.Line)
	}
	if p.Column != "" {
		at += ": " + p.Column
	}
	return fmt.Sprintf("%s: %s (%s)", at, p.Reason, p.Code)
}

// kept bounds the problems that are kept; the others are counted.
const kept = 10_000

// problems gathers what is wrong. What only follows from another problem gives
// way to what has to be mended.
type problems struct {
	causes, followers list
	fatal             bool // a file cannot be read as a whole
}

type list struct {
	kept  []Problem
	total int
}

func (l *list) add(p Problem) {
	l.total++
	if len(l.kept) < kept {
		l.kept = append(l.kept, p)
	}
}

func (ps *problems) add(p Problem) {
	p.Reason = shorten(p.Reason, 300)
	if p.Code == RefusedRow {
		ps.followers.add(p)
		return
	}
	ps.causes.add(p)
}

// stop adds a problem of a file as a whole.
func (ps *problems) stop(file string, line int, code fault.Code, format string, args ...any) {
	ps.fatal = true
	ps.add(Problem{File: file, Line: line, Code: code, Reason: fmt.Sprintf(format, args...)})
}

func (ps *problems) total() int { return ps.causes.total + ps.followers.total }

// sorted is what was kept, in the order of the files and their lines, and how
// many more there were.
func (ps *problems) sorted() (all []Problem, more int) {
	room := kept - len(ps.causes.kept)
	all = slices.Concat(ps.causes.kept, ps.followers.kept[:min(room, len(ps.followers.kept))])
	slices.SortStableFunc(all, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(fileOrder(a.File), fileOrder(b.File)), cmp.Compare(a.Line, b.Line))
	})
	return all, ps.total() - len(all)
}

// shorten cuts a text that is too long for a report.
func shorten(s string, most int) string {
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most]) + "…"
}
