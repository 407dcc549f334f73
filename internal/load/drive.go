package load

import (
	"context"
	"math/rand/v2"
	"slices"
	"sync"
	"time"
)

// Load is the mix that is sent: a firm's day, and beside it the least of what
// it stands on.
type Load struct {
	firm *Firm
	mix  []operation
}

// NewLoad makes one. Without bare it is the firm's day alone.
func NewLoad(f *Firm, bare *Bare) *Load {
	l := &Load{firm: f, mix: day}
	if bare != nil {
		l.mix = append(l.mix[:len(l.mix):len(l.mix)], bare.operations()...)
	}
	return l
}

// Saturate lets so many clients do one thing after the other, and counts.
func (l *Load) Saturate(ctx context.Context, clients int, during time.Duration) *Tally {
	ctx, stop := context.WithTimeout(ctx, during)
	defer stop()
	t := NewTally()
	var all sync.WaitGroup
	for range clients {
		all.Go(func() {
			random := rand.New(rand.NewPCG(rand.Uint64(), 1))
			for ctx.Err() == nil {
				l.one(context.WithoutCancel(ctx), pick(l.mix, random), time.Now(), func() *Tally { return t })
			}
		})
	}
	all.Wait()
	return t
}

// Hold begins so many operations a second, whether or not those before have
// ended, until ctx ends; then it waits for those under way. How long one takes
// is counted from when it should have begun, in the tally there is when it ends.
func (l *Load) Hold(ctx context.Context, perSecond float64, tally func() *Tally) {
	random := rand.New(rand.NewPCG(7, 11))
	var all sync.WaitGroup
	defer all.Wait()
	began := time.Now()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for n := 0; ; {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		for ; float64(n) < time.Since(began).Seconds()*perSecond; n++ {
			due, next := began.Add(time.Duration(float64(n)/perSecond*float64(time.Second))), pick(l.mix, random)
			all.Go(func() { l.one(context.WithoutCancel(ctx), next, due, tally) })
		}
	}
}

// apart are the operations that are measured each alone: what steward stands
// on, an action, a record and a read.
var apart = []string{bareUpdate, "assign", bareInsert, "time entry", "my tasks"}

// Apart lets so many clients do one kind of operation and nothing else, kind by
// kind, and prints what each takes.
func (l *Load) Apart(ctx context.Context, watch *Watch, clients int, during time.Duration) error {
	for _, o := range l.mix {
		if !slices.Contains(apart, o.name) {
			continue
		}
		alone := &Load{firm: l.firm, mix: []operation{o}}
		alone.Saturate(ctx, clients, during/4) // warm
		before, err := watch.Sample(ctx)
		if err != nil {
			return err
		}
		t := alone.Saturate(ctx, clients, during)
		after, err := watch.Sample(ctx)
		if err != nil {
			return err
		}
		alone.Alone(o.name, before, Minute{t, after}, during)
	}
	return nil
}

// patience is how long a person waits for an answer.
const patience = 30 * time.Second

func (l *Load) one(ctx context.Context, which int, due time.Time, tally func() *Tally) {
	ctx, stop := context.WithTimeout(ctx, patience)
	defer stop()
	err := l.mix[which].do(l.firm, ctx)
	tally().add(l.mix[which].name, time.Since(due), err)
}
