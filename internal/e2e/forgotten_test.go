package e2e

import (
	"fmt"
	"strings"
	"testing"
)

// The worker dies when it has completed an invoice and not yet said so, and with
// it the API and Temporal, which has not written down that it was asked: the
// invoice still gets its PDF and its mail.
func TestWhatTemporalForgotIsFollowedUp(t *testing.T) { // N.31, S1.77, S1.78
	t.Parallel()
	own := newOwnServers(t)
	s := systemOn(t, own)
	s.begin()
	f := furnish(t, s).cleared(t)
	invoice := f.draftByHand(t, 1)
	f.worker.kill()
	w := f.startDoomed("CommitInvoice/after/1")
	complete := func() (reply, error) {
		return f.am.attempt("POST", path("/invoices/%s/complete", invoice), object{"send": "email"}, "Idempotency-Key", "forgotten")
	}
	go func() { _, _ = complete() }() // nobody is left to answer
	<-w.done
	f.api.kill()
	own.killTemporal()
	own.startTemporal()
	f.startAPI("STEWARD_HTTP=" + strings.TrimPrefix(f.url, "http://"))
	f.startWorker()
	eventually(t, "the invoice has its PDF and its mail", func() error {
		r, err := complete()
		if err != nil || r.Status != 200 {
			return fmt.Errorf("%d %s %v", r.Status, r.Raw, err)
		}
		inv := f.am.must(t, "GET", "/invoices/"+invoice, nil)
		if sendings, _ := inv["sendings"].([]any); inv["has_pdf"] != true || len(sendings) != 1 || sendings[0].(object)["mail_id"] == nil {
			return fmt.Errorf("its PDF is there: %v; sendings %v", inv["has_pdf"], sendings)
		}
		return nil
	})
}
