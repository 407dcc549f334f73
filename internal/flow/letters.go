package flow

// SendInvoice is the body of "send" on an invoice (S1.78).
type SendInvoice struct {
	By string `json:"by" enum:"email,paper" doc:"email: it is mailed to the client; paper: it was printed and posted"`
}
