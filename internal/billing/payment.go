package billing

import (
	"cmp"
	"slices"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"steward/internal/civil"
	"steward/internal/fault"
	"steward/internal/money"
)

// Codes of what cannot be done with money that came in.
const (
	ExceedsPayment   fault.Code = "exceeds_payment"    // more is applied than is left of the payment
	ExceedsBalance   fault.Code = "exceeds_balance"    // more is applied than is owed on the invoice
	ExceedsCredit    fault.Code = "exceeds_credit"     // more is given back than the client has left over
	NotPayable       fault.Code = "not_payable"        // the invoice is a draft, void, another client's or in another currency
	PaymentReversed  fault.Code = "payment_reversed"   // the payment was reversed
	PaymentRefunded  fault.Code = "payment_refunded"   // some of the payment was given back
	RefundReversed   fault.Code = "refund_reversed"    // the refund was reversed
	ReferenceTaken   fault.Code = "reference_taken"    // the client has a payment with this reference
	AlreadyImported  fault.Code = "already_imported"   // the line of the statement is recorded, at the same moment
	NothingApplies   fault.Code = "nothing_to_apply"   // nothing is left, or nothing is owed
	HasPayments      fault.Code = "has_payments"       // the invoice was paid or credited, so that it cannot be void
	NotComplete      fault.Code = "not_complete"       // a draft is thrown away, a void invoice has nothing to credit
	AlreadyCredited  fault.Code = "already_credited"   // the time or the item was credited before
	ExceedsInvoice   fault.Code = "exceeds_invoice"    // more would be credited than the invoice comes to
	WriteOffReversed fault.Code = "write_off_reversed" // the write-off was reversed
	NothingToCredit  fault.Code = "nothing_to_credit"  // no line is named, or they come to less than nothing
	CreditVoid       fault.Code = "credit_note_void"   // the credit note was made void
	CreditUsed       fault.Code = "credit_used"        // some of the credit note went elsewhere than to its invoice
	CreditedSince    fault.Code = "credited_since"     // a later credit note took more of the invoice
	BilledAgain      fault.Code = "billed_again"       // what it released was billed again, or changed since
)

// Owed is a completed invoice on which something is to be paid.
type Owed struct {
	ID      uuid.UUID
	Number  string
	DueOn   civil.Date
	Balance decimal.Decimal // above zero
}

// Application is how much of a payment or a credit note goes to an invoice.
type Application struct {
	InvoiceID uuid.UUID       `json:"invoice_id"`
	Amount    decimal.Decimal `json:"amount" doc:"Above zero"`
}

// Received refuses an amount that no payment can have.
func Received(field string, amount decimal.Decimal, c money.Currency) error {
	if amount.Sign() <= 0 {
		return fault.Wrong(field, "must be above zero")
	}
	if !c.Fits(amount) {
		return fault.Wrong(field, "%s has more decimals than %s", amount, c)
	}
	_, err := money.Check(amount)
	return err
}

// Spread applies what is left of a payment by itself: the oldest due first,
// ties by number, until nothing is left or nothing is owed. Rule: billing,
// "Payments".
func Spread(left decimal.Decimal, owed []Owed) []Application {
	owed = slices.Clone(owed)
	slices.SortFunc(owed, func(a, b Owed) int {
		return cmp.Or(a.DueOn.Compare(b.DueOn), cmp.Compare(len(a.Number), len(b.Number)), cmp.Compare(a.Number, b.Number))
	})
	var all []Application
	for _, o := range owed {
		amount := decimal.Min(left, o.Balance)
		if amount.Sign() <= 0 {
			break
		}
		all = append(all, Application{o.ID, amount})
		left = left.Sub(amount)
	}
	return all
}

// Apply checks applications that somebody chose against what is left and what
// is owed. It refuses with [ExceedsPayment], [ExceedsBalance], [NotPayable] and,
// for an invoice named twice or an amount that is none, [fault.Invalid].
func Apply(left decimal.Decimal, chosen []Application, owed []Owed, c money.Currency) error {
	seen, sum := map[uuid.UUID]bool{}, decimal.Zero
	for _, a := range chosen {
		if err := Received("applications", a.Amount, c); err != nil {
			return err
		}
		if seen[a.InvoiceID] {
			return fault.Wrong("applications", "an invoice is named twice")
		}
		seen[a.InvoiceID] = true
		i := slices.IndexFunc(owed, func(o Owed) bool { return o.ID == a.InvoiceID })
		if i < 0 {
			return fault.New(NotPayable, "the invoice takes no payment of this client in %s", c)
		}
		if a.Amount.GreaterThan(owed[i].Balance) {
			return fault.New(ExceedsBalance, "%s is more than the %s owed on %s", c.Format(a.Amount), c.Format(owed[i].Balance), owed[i].Number)
		}
		sum = sum.Add(a.Amount)
	}
	if sum.GreaterThan(left) {
		return fault.New(ExceedsPayment, "%s is more than the %s that is left", c.Format(sum), c.Format(left))
	}
	return nil
}

// Credit is what is left over of a payment or a credit note.
type Credit struct {
	ID   uuid.UUID
	Note bool // a credit note, else a payment
	On   civil.Date
	Free civil.Date // goes nowhere before this day: something of it stood elsewhere until then
	Left decimal.Decimal
}

// Part is how much of a credit is taken.
type Part struct {
	Credit
	Amount decimal.Decimal
}

// Take takes an amount from what a client has left over, the oldest first. It
// refuses with [ExceedsCredit]. Rule: billing, "Payments"; N.05.
func Take(amount decimal.Decimal, credits []Credit, c money.Currency) ([]Part, error) {
	credits = slices.Clone(credits)
	slices.SortStableFunc(credits, func(a, b Credit) int { return a.On.Compare(b.On) })
	left := amount
	var parts []Part
	for _, x := range credits {
		some := decimal.Min(left, x.Left)
		if some.Sign() <= 0 {
			continue
		}
		parts = append(parts, Part{x, some})
		left = left.Sub(some)
	}
	if left.Sign() > 0 {
		return nil, fault.New(ExceedsCredit, "%s is more than the %s that the client has left over", c.Format(amount), c.Format(amount.Sub(left)))
	}
	return parts, nil
}

// Voidable refuses to void a draft with [NotComplete] and what was paid or
// credited with [HasPayments]. Rule: billing, "Void and credit".
func Voidable(state string, settled decimal.Decimal, credited bool) error {
	switch {
	case state != "complete":
		return fault.New(NotComplete, "only a completed invoice can be made void; this one is %s", state)
	case settled.Sign() > 0 || credited:
		return fault.New(HasPayments, "the invoice was paid, credited or written off; reverse that first, or issue a credit note")
	}
	return nil
}

// WritableOff refuses to write off a draft or a void invoice with [NotComplete],
// more than is owed with [ExceedsBalance], and, with [ExceedsInvoice], what the
// invoice's credit notes have left over: that credit is applied to it instead.
// Rule: billing, "Payments".
func WritableOff(state string, amount, balance, credit decimal.Decimal, c money.Currency) error {
	left := decimal.Max(balance.Sub(credit), decimal.Zero)
	switch {
	case state != "complete":
		return fault.New(NotComplete, "only what is owed on a completed invoice is written off; this one is %s", state)
	case balance.Sign() == 0:
		return fault.New(ExceedsBalance, "nothing is owed on the invoice")
	}
	if err := Received("amount", amount, c); err != nil {
		return err
	}
	switch {
	case amount.GreaterThan(balance):
		return fault.New(ExceedsBalance, "%s is more than the %s owed", c.Format(amount), c.Format(balance))
	case amount.GreaterThan(left):
		return fault.New(ExceedsInvoice, "%s is more than the %s owed beyond the %s that its credit notes have left over; apply that credit to it", c.Format(amount), c.Format(left), c.Format(credit))
	}
	return nil
}
