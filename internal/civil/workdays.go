package civil

// Works tells whether a day is one on which somebody works.
func (h Hours) Works(d Date) bool { return h.Free(d) == Working }

// AfterWorkdays is the n-th working day after a day, or before it for negative
// n; for none it is the day itself, or the first working day after it. It is
// false where nobody ever works.
func (h Hours) AfterWorkdays(d Date, n int) (Date, bool) {
	step := 1
	if n < 0 {
		step, n = -1, -n
	}
	if h.empty {
		return Date{}, false
	}
	if n == 0 && h.Works(d) {
		return d, true
	}
	for left := max(n, 1); left > 0; {
		if d = d.AddDays(step); d.Before(First) || d.After(Last) {
			return Date{}, false
		}
		if h.Works(d) {
			left--
		}
	}
	return d, true
}

// Workdays counts the working days after one day up to another, which is
// included; those before it, as a negative number, where the other is earlier.
func (h Hours) Workdays(from, to Date) int {
	n := 0
	for d := from; d.Before(to); {
		if d = d.AddDays(1); h.Works(d) {
			n++
		}
	}
	for d := from; to.Before(d); {
		if d = d.AddDays(-1); h.Works(d) {
			n--
		}
	}
	return n
}
