package work

import (
	"time"

	"steward/internal/civil"
)

// Pause is a time in which a request's targets did not run: the client was
// waited for, or the request was closed. To is nil while it lasts.
type Pause struct {
	From time.Time  `json:"from"`
	To   *time.Time `json:"to,omitempty"`
}

// Promise is what a client may expect of a request, and how far it is kept
// (N.20). Minutes are of the client's working time; 0 is no target.
type Promise struct {
	Start             time.Time
	ResponseMinutes   int        // until the first word of the staff
	ResolutionMinutes int        // until it is closed
	RespondedAt       *time.Time // when that word came
	Waiting           bool       // for the client
	Pauses            []Pause    // in order, none within another
	ResponseWarned    int        // per cent of the target that people heard of
	ResolutionWarned  int
}

// TargetKind names one of the two targets.
type TargetKind string

// The targets of a request.
const (
	Response   TargetKind = "response"
	Resolution TargetKind = "resolution"
)

// Levels are the parts of a target, in per cent, at which people are warned;
// at the last it is missed (N.20).
var Levels = []int{50, 75, 90, 100}

// Warning is a part of a target that has passed, or will.
type Warning struct {
	Target  TargetKind
	Percent int
	At      time.Time
}

func (p Promise) responded(now time.Time) Promise {
	if p.RespondedAt == nil {
		p.RespondedAt = &now
	}
	return p
}

// stopped begins a pause, ran ends it.
func (p Promise) stopped(now time.Time) Promise {
	p.Pauses = append(append([]Pause(nil), p.Pauses...), Pause{From: now})
	return p
}

func (p Promise) ran(now time.Time) Promise {
	p.Waiting = false
	n := len(p.Pauses)
	if n == 0 || p.Pauses[n-1].To != nil {
		return p
	}
	p.Pauses = append(append([]Pause(nil), p.Pauses[:n-1]...), Pause{p.Pauses[n-1].From, &now})
	return p
}

// after is when so many minutes of working time have passed since the start,
// pauses left out; none if that does not come, as while a pause lasts. Before
// each pause the minutes that have begun are not counted.
func (p Promise) after(minutes int, h civil.Hours) (time.Time, bool) {
	from, left := p.Start, minutes
	for _, pause := range p.Pauses {
		passed := h.Between(from, pause.From)
		if passed >= left {
			break
		}
		if pause.To == nil {
			return time.Time{}, false
		}
		from, left = *pause.To, left-passed
	}
	return h.Add(from, left)
}

// Due is when a target is missed; nil where there is none, where it is kept,
// or where it does not run.
func (p Promise) Due(k TargetKind, h civil.Hours) *time.Time {
	minutes, _, runs := p.target(k)
	if !runs {
		return nil
	}
	at, ok := p.after(minutes, h)
	if !ok {
		return nil
	}
	at = at.UTC() // as all instants are told, whatever the client's zone
	return &at
}

// target is how long one is, how much of it people heard of, and whether it is
// there and not kept yet. That a request is closed is a pause.
func (p Promise) target(k TargetKind) (minutes, warned int, runs bool) {
	if k == Response {
		return p.ResponseMinutes, p.ResponseWarned, p.ResponseMinutes > 0 && p.RespondedAt == nil
	}
	return p.ResolutionMinutes, p.ResolutionWarned, p.ResolutionMinutes > 0
}

// Next is the warning that comes next, as far as it can be known now.
func (p Promise) Next(h civil.Hours) (next Warning, ok bool) {
	for _, k := range []TargetKind{Response, Resolution} {
		w, will := p.next(k, h)
		if will && (!ok || w.At.Before(next.At)) {
			next, ok = w, true
		}
	}
	return next, ok
}

func (p Promise) next(k TargetKind, h civil.Hours) (Warning, bool) {
	minutes, warned, runs := p.target(k)
	if !runs {
		return Warning{}, false
	}
	for _, percent := range Levels {
		if percent <= warned {
			continue
		}
		at, ok := p.after(part(minutes, percent), h)
		return Warning{k, percent, at}, ok
	}
	return Warning{}, false
}

// part is so many per cent of some minutes, rounded up.
func part(minutes, percent int) int { return (minutes*percent + 99) / 100 }

// Warn marks what has passed and gives back what people are to hear of it now:
// of each target the highest level, once (N.20).
func (p Promise) Warn(h civil.Hours, now time.Time) (Promise, []Warning) {
	var all []Warning
	for _, k := range []TargetKind{Response, Resolution} {
		var last *Warning
		for w, ok := p.next(k, h); ok && !now.Before(w.At); w, ok = p.next(k, h) {
			p, last = p.warned(w), &w
		}
		if last != nil {
			all = append(all, *last)
		}
	}
	return p, all
}

func (p Promise) warned(w Warning) Promise {
	if w.Target == Response {
		p.ResponseWarned = w.Percent
		return p
	}
	p.ResolutionWarned = w.Percent
	return p
}

// Heard takes back what people heard of targets that were shorter: what has not
// passed of them as they are now is yet to come.
func (p Promise) Heard(h civil.Hours, now time.Time) Promise {
	p.ResponseWarned = p.heard(p.ResponseMinutes, p.ResponseWarned, h, now)
	p.ResolutionWarned = p.heard(p.ResolutionMinutes, p.ResolutionWarned, h, now)
	return p
}

func (p Promise) heard(minutes, warned int, h civil.Hours, now time.Time) int {
	passed := 0
	for _, percent := range Levels {
		at, ok := p.after(part(minutes, percent), h)
		if percent > warned || !ok || now.Before(at) {
			break
		}
		passed = percent
	}
	return passed
}
