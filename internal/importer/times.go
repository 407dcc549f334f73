package importer

import (
	"context"
	"slices"
	"strings"
	"time"

	"steward/internal/civil"
	"steward/internal/fault"
	"steward/internal/postgres"
)

// Changed is the code of an import whose time.csv changed while it was read.
const Changed fault.Code = "file_changed"

// readTime checks time.csv. What is good is not kept: the file may be large.
func (f *firm) readTime(ctx context.Context) error {
	return f.eachTime(ctx, checking+timeFile, func(postgres.ImportTime) error { return nil })
}

// storeTime reads time.csv again, after it was checked, and stores what is good
// in batches. It returns how many entries were new.
func (f *firm) storeTime(ctx context.Context, add func(context.Context, []postgres.ImportTime) (int, error)) (added int, err error) {
	checked, found := f.counts[timeFile], f.problems
	f.counts[timeFile], f.problems = &Count{}, problems{}
	defer func() { f.counts[timeFile], f.problems = checked, found }()
	entries := make([]postgres.ImportTime, 0, batch)
	flush := func() error {
		n, err := add(ctx, entries)
		added += n
		entries = entries[:0]
		return err
	}
	err = f.eachTime(ctx, storing+"time", func(e postgres.ImportTime) error {
		e.ID = f.opts.newID()
		if entries = append(entries, e); len(entries) < batch {
			return nil
		}
		return flush()
	})
	if err != nil {
		return 0, err
	}
	if *f.counts[timeFile] != *checked {
		return 0, fault.New(Changed, "nothing was imported: %s changed while it was read", timeFile)
	}
	err = flush()
	return added, err
}

// eachTime calls good with each entry that can be stored.
func (f *firm) eachTime(ctx context.Context, stage string, good func(postgres.ImportTime) error) error {
	keys := map[string]int{}
	return f.eachRow(ctx, stage, timeFile, func(r *row) error {
		if r.bad {
			return nil
		}
		e := f.timeEntry(r, keys)
		if r.bad {
			return nil
		}
		return good(e)
	})
}

func (f *firm) timeEntry(r *row, keys map[string]int) postgres.ImportTime {
	e := postgres.ImportTime{
		Key:         r.ownKey(keys),
		WorkDate:    r.needDay("work_date"),
		Minutes:     r.minutes(),
		Description: r.need("description", descriptionLimit),
		Billing:     r.billing(),
		Remaining:   r.mayWhole("remaining_minutes", 0, 10_000_000),
	}
	if t := f.tasks.mustRefer(r, "task"); t != nil {
		e.TaskID, e.ProjectID = t.ID, t.ProjectID
		f.checkRecordable(r, t)
	}
	if p := f.people.mustRefer(r, "person"); p != nil {
		e.PersonID = p.ID
		zone := f.location(p.TimeZone)
		if today := civil.In(f.now, zone); e.WorkDate.After(today) {
			r.problem("work_date", FutureDate, "the day %s has not come yet: it is %s in %s", e.WorkDate, today, zone)
		}
		e.StartedAt = r.clock("start", e.WorkDate, zone)
	}
	return e
}

// minutes are how long the work took: a day at most.
func (r *row) minutes() int {
	if r.cell("minutes") == "" {
		r.problem("minutes", Missing, "minutes is missing")
	}
	return r.whole("minutes", 1, 24*60, 0)
}

// ownKey is the key of a row that no other row refers to.
func (r *row) ownKey(lines map[string]int) string {
	key := r.key()
	if first, taken := lines[key]; taken && key != "" {
		r.problem(r.book.key(), DuplicateKey, "entry %s is in line %d already", quote(key), first)
		return key
	}
	lines[strings.Clone(key)] = r.line // a clone, so as not to keep the whole row
	return key
}

// checkRecordable refuses time on a project that was not cleared (S1.06).
func (f *firm) checkRecordable(r *row, t *task) {
	if t.project != nil && !cleared(t.project) {
		r.problem("task", NotCleared, "project %s is not cleared (%s): no time can be recorded on it",
			quote(t.project.Key), t.project.Status)
	}
}

// billing is how an entry is billed. The column also takes the words that the
// rest of steward has for it; what is not billable is internal, and never
// appears on an invoice.
func (r *row) billing() string {
	s := r.cell("billable")
	yes, ok := boolean(s)
	switch {
	case s == "" || ok && yes:
		return "billable"
	case ok:
		return "internal"
	}
	if word := strings.ToLower(s); slices.Contains(billings, word) {
		return word
	}
	r.problem("billable", BadBoolean, "%s is not true, false, yes, no, 1, 0, billable, no_charge or internal", quote(s))
	return ""
}

// location is a time zone by its name, looked up once.
func (f *firm) location(name string) *time.Location {
	if zone, ok := f.zones[name]; ok {
		return zone
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		zone = time.UTC // of a person who was not imported well; names of the files are checked
	}
	f.zones[name] = zone
	return zone
}
