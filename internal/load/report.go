package load

import (
	"cmp"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"time"
)

// A Minute is what was done in one, and what there was at its end.
type Minute struct {
	Tally *Tally
	Sample
}

const mib = 1 << 20

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// Line prints what was done in a minute, operation by operation.
func (l *Load) Line(n int, before, m Minute) {
	took := m.At.Sub(before.At).Seconds()
	wrong, why := m.Tally.Wrong()
	Say("\nminute %d: %.0f operations a second, %d errors", n, float64(m.Tally.Count())/took, wrong)
	for _, o := range l.mix {
		done, wrong := m.Tally.counts(o.name)
		Say("  %-32s %7.1f/s  p50 %8.2f  p99 %8.2f ms  %d errors", o.name, float64(done)/took, ms(m.Tally.at(o.name, .5)), ms(m.Tally.at(o.name, .99)), wrong)
	}
	for _, w := range why {
		Say("  error: %s", w)
	}
	for _, part := range Parts {
		Say("  %-32s %7.0f MiB  %5.0f %% of a core", part, float64(m.Memory[part])/mib, 100*(m.CPU[part]-before.CPU[part]).Seconds()/took)
	}
	Say("  of the processors %.0f %% were idle, and %.0f %% taken by the host", share(m.Idle-before.Idle, took), share(m.Stolen-before.Stolen, took))
	writes := float64(max(m.Writes-before.Writes, 1))
	Say("  steward's database %.0f MiB, %.1f rows and %.0f bytes a write, %.0f bytes of log; Temporal's data %.0f MiB, %.0f bytes a write", float64(m.Bytes)/mib,
		float64(m.Rows-before.Rows)/writes, float64(m.Bytes-before.Bytes)/writes, float64(m.Log-before.Log)/writes, float64(m.Engine)/mib, float64(m.Sample.Engine-before.Engine)/writes)
	actions := float64(max(m.Actions, 1))
	Say("  histories: %.1f events and %.0f bytes an action, the longest %d events and %.2f MiB, %d begun anew", float64(m.Events)/actions, float64(m.HistoryBytes)/actions, m.Longest, float64(m.LongestBytes)/mib, m.Renewed)
}

// share is a part of what all processors had in some seconds, in percent.
func share(part, seconds float64) float64 { return 100 * part / seconds / float64(runtime.NumCPU()) }

// window is how many minutes are compared, at the beginning and at the end.
func window(minutes int) int { return max(1, min(10, minutes/3)) }

// Compare prints the first minutes beside the last.
func (l *Load) Compare(start Minute, minutes []Minute) {
	n := window(len(minutes))
	first, last := minutes[:n], minutes[len(minutes)-n:]
	a, b := together(tallies(first)), together(tallies(last))
	Say("\n%-34s %22s %22s", fmt.Sprintf("minutes 1–%d and %d–%d", n, len(minutes)-n+1, len(minutes)), "p50 ms", "p99 ms")
	for _, o := range l.mix {
		Say("%-34s %10.2f → %9.2f %10.2f → %9.2f  %s", o.name, ms(a.at(o.name, .5)), ms(b.at(o.name, .5)), ms(a.at(o.name, .99)), ms(b.at(o.name, .99)), verdict(ms(a.at(o.name, .99)), ms(b.at(o.name, .99))))
	}
	for _, part := range Parts {
		was, is := memory(first, part), memory(last, part)
		Say("%-34s %10.0f → %9.0f MiB  %s", part, was, is, verdict(was, is))
	}
	wrong, _ := together(tallies(minutes)).Wrong()
	Say("%d operations, %d errors", together(tallies(minutes)).Count(), wrong)
	l.cost(start, minutes)
}

// cost prints what a write took on average, over all.
func (l *Load) cost(start Minute, minutes []Minute) {
	end := minutes[len(minutes)-1]
	writes := float64(max(end.Writes-start.Writes, 1))
	Say("a write took %.1f rows, %.0f bytes of steward's database, %.0f of its log, %.0f of Temporal's data; beside all that was read, processor time of", float64(end.Rows-start.Rows)/writes,
		float64(end.Bytes-start.Bytes)/writes, float64(end.Log-start.Log)/writes, float64(end.Engine-start.Engine)/writes)
	for _, part := range Parts {
		Say("  %-32s %6.2f ms", part, 1000*(end.CPU[part]-start.CPU[part]).Seconds()/writes)
	}
	var events, bytes, actions, longest int64
	for _, m := range minutes {
		events, bytes, actions, longest = events+m.Events, bytes+m.HistoryBytes, actions+m.Actions, max(longest, m.Longest)
	}
	Say("an action took %.1f events and %.0f bytes of its process' history; the longest seen had %d events", float64(events)/float64(max(actions, 1)), float64(bytes)/float64(max(actions, 1)), longest)
}

func tallies(some []Minute) []*Tally {
	var all []*Tally
	for _, m := range some {
		all = append(all, m.Tally)
	}
	return all
}

// memory is a part's over some minutes on average, in MiB.
func memory(some []Minute, part string) float64 {
	var sum int64
	for _, m := range some {
		sum += m.Memory[part]
	}
	return float64(sum) / float64(len(some)) / mib
}

// flat is by how much a figure may be off and still be the same.
const flat = 1.15

// verdict says how a figure went.
func verdict(was, is float64) string {
	switch {
	case was == 0:
		return ""
	case is > was*flat:
		return fmt.Sprintf("up, %.2f ×", is/was)
	case is*flat < was:
		return fmt.Sprintf("down, %.2f ×", is/was)
	}
	return "flat"
}

// Saturated prints what clients got out of it.
func (l *Load) Saturated(clients int, t *Tally, during time.Duration) (perSecond float64) {
	perSecond = float64(t.Count()) / during.Seconds()
	wrong, why := t.Wrong()
	Say("%d clients get %.0f operations a second, %d errors %s", clients, perSecond, wrong, strings.Join(why, "; "))
	return perSecond
}

// Alone prints what an operation takes that nothing else was beside.
func (l *Load) Alone(name string, before Sample, m Minute, during time.Duration) {
	n := float64(max(m.Tally.Count(), 1))
	wrong, why := m.Tally.Wrong()
	Say("%-24s %7.0f/s  p50 %8.2f  p99 %8.2f ms  %d errors %s", name, n/during.Seconds(), ms(m.Tally.at(name, .5)), ms(m.Tally.at(name, .99)), wrong, strings.Join(why, "; "))
	var all time.Duration
	cpu := make([]string, len(Parts))
	for i, part := range Parts {
		used := m.CPU[part] - before.CPU[part]
		all += used
		cpu[i] = fmt.Sprintf("%s %.2f", part, 1000*used.Seconds()/n)
	}
	Say("  processor time of each: %s, together %.2f ms; %.2f rows, %.0f bytes, %.0f of log, Temporal's data %.0f bytes", strings.Join(cpu, ", "), 1000*all.Seconds()/n,
		float64(m.Rows-before.Rows)/n, float64(m.Bytes-before.Bytes)/n, float64(m.Log-before.Log)/n, float64(m.Sample.Engine-before.Engine)/n)
}

// Tabled prints the largest tables.
func Tabled(tables []Table, writes int) {
	const most = 12
	Say("\n%-28s %12s %10s %16s", "table", "rows", "MiB", "rows a write")
	slices.SortFunc(tables, func(a, b Table) int { return cmp.Compare(b.Bytes, a.Bytes) })
	for _, t := range tables[:min(most, len(tables))] {
		Say("%-28s %12d %10.1f %16.3f", t.Name, t.Rows, float64(t.Bytes)/mib, float64(t.Rows)/float64(max(writes, 1)))
	}
}
