package story

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/google/uuid"
)

// labels are fields whose names say it badly.
var labels = map[string]string{
	"estimate_minutes": "estimate", "owner_id": "owner", "parent_id": "task above", "depends_on": "dependencies", "ends_on": "end", "starts_on": "start",
	"account_manager_id": "account manager", "project_id": "project", "client_id": "client", "client_ids": "partners", "user_ids": "contacts", "due_on": "due date", "written_off": "amount written off",
}

// words are fields whose text is quoted.
var words = []string{"title", "name"}

// texts are fields too long to be told whole.
var texts = []string{"description", "body", "billing_address", "item", "hand_over"}

// untold are fields that change along with others.
var untold = []string{"version", "delegated", "assigned_at", "closed_at", "escalated_at", "accepted_from", "edited_at"}

// rest tells the changes that the verb has not.
func (t *tale) rest() []string {
	var deeds []string
	t.drop(untold...)
	for _, field := range slices.Sorted(maps.Keys(t.changes)) {
		deeds = append(deeds, t.changed(field, t.changes[field]))
	}
	return deeds
}

// changed tells one field, before and after.
func (t *tale) changed(field string, c change) string {
	switch field {
	case "visible_to_client":
		return shown("it", map[bool]string{true: "client"}[string(c[1]) == "true"])
	case "visibility":
		return shown("it", textOf(c[1]))
	}
	label := labels[field]
	if label == "" {
		label = strings.ReplaceAll(strings.TrimSuffix(field, "_id"), "_", " ")
	}
	before, after := t.value(field, c[0]), t.value(field, c[1])
	switch {
	case slices.Contains(texts, field):
		return "changed the " + label
	case after == "":
		return "cleared the " + label
	case before == "":
		return "set the " + label + " to " + after
	}
	return "changed the " + label + " from " + before + " to " + after
}

// value is a field's value as people read it; "" is none.
func (t *tale) value(field string, raw json.RawMessage) string {
	if field == "assignee" {
		if a := assigneeOf(raw); a.ID != uuid.Nil {
			return t.name(a.ID)
		}
		return ""
	}
	if references(field) {
		if ids := idsOf(raw); len(ids) > 0 {
			return t.called(ids)
		}
	}
	var v any
	if json.Unmarshal(raw, &v) != nil {
		return ""
	}
	return printed(field, v)
}

func printed(field string, v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		if s := clip(v, 120); slices.Contains(words, field) && s != "" {
			return quote(s)
		}
		return clip(v, 120)
	case bool:
		return map[bool]string{true: "yes", false: "no"}[v]
	case float64:
		if strings.HasSuffix(field, "_minutes") {
			return hours(int64(v))
		}
		return fmt.Sprint(v)
	case []any:
		parts := make([]string, len(v))
		for i, x := range v {
			parts[i] = printed("", x)
		}
		return clip(strings.Join(parts, ", "), 120)
	case map[string]any: // told by its name, if it has one
		name, _ := v["name"].(string)
		return clip(name, 120)
	}
	return ""
}

// hours is a duration as people say it.
func hours(minutes int64) string {
	switch h, m := minutes/60, minutes%60; {
	case h == 0:
		return fmt.Sprintf("%d min", m)
	case m == 0:
		return fmt.Sprintf("%d h", h)
	default:
		return fmt.Sprintf("%d h %d min", h, m)
	}
}

// references tells a field that holds the ids of things.
func references(field string) bool {
	return field == "depends_on" || strings.HasSuffix(field, "_id") || strings.HasSuffix(field, "_ids")
}

type assignee struct {
	ID uuid.UUID `json:"id"`
}

func assigneeOf(raw json.RawMessage) (a assignee) {
	_ = json.Unmarshal(raw, &a) // nobody, where it is none
	return a
}

type handOver struct{ Reason, Done, Next string }

func handOverOf(raw json.RawMessage) (h handOver) {
	_ = json.Unmarshal(raw, &h)
	return h
}

func descriptionOf(raw json.RawMessage) string {
	var item struct{ Description string }
	_ = json.Unmarshal(raw, &item)
	return item.Description
}

func textOf(raw json.RawMessage) (s string) {
	_ = json.Unmarshal(raw, &s)
	return s
}

// idsOf are one id or a list of them; what is no id is left out.
func idsOf(raw json.RawMessage) []uuid.UUID {
	var one string
	list := []string{}
	if json.Unmarshal(raw, &one) == nil && one != "" {
		list = append(list, one)
	} else if json.Unmarshal(raw, &list) != nil {
		return nil
	}
	var ids []uuid.UUID
	for _, s := range list {
		if id, err := uuid.Parse(s); err == nil {
			ids = append(ids, id)
		}
	}
	return ids
}

func quote(s string) string { return "“" + s + "”" }

// clip makes a text one line of at most so many letters.
func clip(s string, most int) string {
	s = strings.Join(strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
	letters := []rune(s)
	if len(letters) <= most {
		return s
	}
	return strings.TrimSpace(string(letters[:most-1])) + "…"
}
