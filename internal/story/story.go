// Package story tells what is in the audit trail as people would say it: one
// plain sentence for each event.
//
// It owns the words and nothing else: what happened is in the event, and what
// things are called is given to it. A verb or field that it has not heard of is
// told with the event's own words, never dropped.
package story

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/google/uuid"
)

// Event is an entry of the audit trail, as far as a sentence needs it.
type Event struct {
	Actor   string // by name; "" is steward itself
	Kind    string // of the thing: task, note, file, project, invoice, …
	ID      uuid.UUID
	Verb    string
	Changes json.RawMessage // field: [before, after]
	Note    string
}

// Names are what people call things, by id.
type Names map[uuid.UUID]string

// change is a field before and after.
type change [2]json.RawMessage

// tale is a sentence being made.
type tale struct {
	Event
	names   Names
	changes map[string]change
}

func begin(e Event, names Names) *tale {
	t := &tale{Event: e, names: names}
	if json.Unmarshal(e.Changes, &t.changes) != nil || t.changes == nil {
		t.changes = map[string]change{} // what cannot be read is not told
	}
	return t
}

// Of is the sentence for an event. It has no line breaks and no end.
func Of(e Event, names Names) string {
	t := begin(e, names)
	who := e.Actor
	if who == "" {
		who = "steward"
	}
	return who + " " + join(append(t.act(), t.rest()...)) + t.said()
}

// IDs are the things that the sentence for an event names.
func IDs(e Event) []uuid.UUID {
	t := begin(e, nil)
	var all []uuid.UUID
	if e.Kind == "file" {
		all = append(all, e.ID)
	}
	for field, c := range t.changes {
		if field == "assignee" {
			all = append(all, assigneeOf(c[0]).ID, assigneeOf(c[1]).ID)
			continue
		}
		if references(field) {
			all = append(append(all, idsOf(c[0])...), idsOf(c[1])...)
		}
	}
	return all
}

// act is what the verb says, by the kind of the thing.
func (t *tale) act() []string {
	verb, _, _ := strings.Cut(t.Verb, " ") // an id may follow: "change-item 7…"
	if tell := kinds[t.Kind][verb]; tell != nil {
		return tell(t)
	}
	if plain, ok := verbatim[verb]; ok {
		t.drop("status")
		return []string{plain}
	}
	if slices.Contains(mere, verb) && len(t.changes) > 0 {
		return nil // its changes are told
	}
	return []string{"did " + quote(strings.NewReplacer("-", " ", "_", " ").Replace(verb))}
}

// take gives a field and leaves it out of what is told at the end.
func (t *tale) take(field string) (change, bool) {
	c, ok := t.changes[field]
	delete(t.changes, field)
	return c, ok
}

// drop leaves fields untold.
func (t *tale) drop(fields ...string) {
	for _, f := range fields {
		delete(t.changes, f)
	}
}

// said is the event's note at the end of the sentence.
func (t *tale) said() string {
	if t.Note == "" {
		return ""
	}
	return ": " + clip(t.Note, 300)
}

// join makes a list of deeds one phrase.
func join(deeds []string) string {
	for i := len(deeds) - 1; i > 0; i-- {
		if strings.HasPrefix(deeds[i-1], "changed ") { // said once
			deeds[i] = strings.TrimPrefix(deeds[i], "changed ")
		}
	}
	switch n := len(deeds); n {
	case 0:
		return "changed nothing"
	case 1:
		return deeds[0]
	default:
		return strings.Join(deeds[:n-1], ", ") + " and " + deeds[n-1]
	}
}

// name is what people call a thing.
func (t *tale) name(id uuid.UUID) string {
	if n := t.names[id]; n != "" {
		return n
	}
	return "something unknown"
}

// called are several by name.
func (t *tale) called(ids []uuid.UUID) string {
	names := make([]string, len(ids))
	for i, id := range ids {
		names[i] = t.name(id)
	}
	return join(names)
}
