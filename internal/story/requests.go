package story

// untelling says what was done in words alone: the fields only show that it was.
func untelling(words string) teller {
	return func(t *tale) []string {
		t.drop("waiting_for_client", "responded", "answer", "status")
		return []string{words}
	}
}

// linked tells what a request led to, or came from, by its name.
func linked(field, words string) teller {
	return func(t *tale) []string {
		c, _ := t.take(field)
		if ids := idsOf(c[1]); len(ids) == 1 {
			words := words + " " + t.name(ids[0])
			clear(t.changes)
			return []string{words}
		}
		return []string{words + " something"}
	}
}

func returned(t *tale) []string {
	deed := "was finished and returned it"
	if to := t.assignee(); t.names[to] != "" {
		deed += " to " + t.name(to)
	}
	t.drop("delegated", "accepted_from", "hand_over", "escalated")
	return []string{deed}
}

func requestStatus(t *tale) []string {
	c, _ := t.take("status")
	t.drop("responded", "waiting_for_client", "escalated")
	switch to := textOf(c[1]); to {
	case "open":
		return []string{"reopened it"}
	case "completed", "cancelled":
		return []string{to + " it"}
	default:
		return []string{"looked at its status"}
	}
}

// warned tells of the time that was promised.
func warned(t *tale) []string {
	var deeds []string
	for _, w := range [][2]string{{"response_warned", "for a first word"}, {"resolution_warned", "to settle it"}} {
		if c, ok := t.take(w[0]); ok {
			deeds = append(deeds, "warned that "+t.value(w[0], c[1])+" % of the time "+w[1]+" is over")
		}
	}
	if _, ok := t.take("escalated"); ok {
		deeds = append(deeds, "told the group's managers that nobody has accepted it")
	}
	if len(deeds) == 0 {
		deeds = append(deeds, "looked at its targets")
	}
	return deeds
}

func itemStatus(t *tale) []string {
	c, _ := t.take("status")
	switch to := textOf(c[1]); to {
	case "done":
		return []string{"marked it done"}
	case "dropped":
		return []string{"dropped it"}
	default:
		return []string{"opened it again"}
	}
}
