package work

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"steward/internal/civil"
)

// Session is time that somebody recorded: on a day, and perhaps from an instant.
type Session struct {
	TaskID  uuid.UUID
	On      civil.Date
	Start   *time.Time
	Minutes int
}

// Past is what somebody worked on, in order, for the picture of it. A session
// without a beginning is placed after what the day has otherwise, or at the
// beginning of the day's work, but never so that it would end later than asOf;
// sessions of a task on one day are then one block.
func Past(sessions []Session, hours civil.Hours, asOf time.Time) []Block {
	var placed []Block
	loose := map[civil.Date][]Session{}
	for _, s := range sessions {
		if s.Start != nil {
			placed = append(placed, block(s.TaskID, s.Start.UTC(), s.Minutes))
			continue
		}
		i := slices.IndexFunc(loose[s.On], func(o Session) bool { return o.TaskID == s.TaskID })
		if i >= 0 {
			loose[s.On][i].Minutes += s.Minutes
			continue
		}
		loose[s.On] = append(loose[s.On], s)
	}
	for _, on := range slices.SortedFunc(maps.Keys(loose), civil.Date.Compare) { // a night may end on the next day
		placed = append(placed, inARow(loose[on], begin(on, loose[on], placed, hours, asOf))...)
	}
	slices.SortFunc(placed, func(a, b Block) int {
		return cmp.Or(a.Start.Compare(b.Start), compareIDs(a.TaskID, b.TaskID), cmp.Compare(a.Minutes, b.Minutes))
	})
	return placed
}

func block(task uuid.UUID, start time.Time, minutes int) Block {
	return Block{TaskID: task, Start: start, End: start.Add(time.Duration(minutes) * time.Minute), Minutes: minutes}
}

// begin is where the sessions of a day that say nothing of it are placed.
func begin(on civil.Date, list []Session, placed []Block, hours civil.Hours, asOf time.Time) time.Time {
	at := on.Start(hours.Zone()).Add(9 * time.Hour)
	if day := hours.Day(on); len(day) > 0 {
		at = day[0].Start
	}
	for _, b := range placed {
		if civil.In(b.Start, hours.Zone()) == on && b.End.After(at) {
			at = b.End
		}
	}
	sum := 0
	for _, s := range list {
		sum += s.Minutes
	}
	if latest := asOf.Add(-time.Duration(sum) * time.Minute); at.After(latest) {
		at = latest
	}
	return at.UTC()
}

func inARow(list []Session, at time.Time) []Block {
	slices.SortFunc(list, func(a, b Session) int { return compareIDs(a.TaskID, b.TaskID) })
	var all []Block
	for _, s := range list {
		all = append(all, block(s.TaskID, at, s.Minutes))
		at = all[len(all)-1].End
	}
	return all
}
