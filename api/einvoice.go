package api

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"steward/internal/einvoice"
	"steward/internal/fault"
)

func (s *Server) einvoiceRoutes() {
	read(s, answersXML(op(http.MethodGet, "/invoices/{id}/xml", "get-invoice-xml", "An invoice as an e-invoice (EN 16931 in UBL); /invoices/{id}.xml is the same", http.StatusOK)), s.invoiceXML)
	read(s, answersXML(op(http.MethodGet, "/credit-notes/{id}/xml", "get-credit-note-xml", "A credit note as an e-invoice (EN 16931 in UBL); /credit-notes/{id}.xml is the same", http.StatusOK)), s.creditNoteXML)
}

func answersXML(o huma.Operation) huma.Operation {
	o.Responses = map[string]*huma.Response{
		"200": {Description: "The e-invoice", Content: map[string]*huma.MediaType{"application/xml": {Schema: &huma.Schema{Type: "string"}}}},
		"304": {Description: "It is the one named by If-None-Match"},
	}
	return o
}

type xmlInput struct {
	ByID
	IfNoneMatch string `header:"If-None-Match" doc:"The ETag of the e-invoice that is there already"`
}

// EInvoice answers an e-invoice.
type EInvoice struct {
	Status      int
	ETag        string `header:"ETag"`
	ContentType string `header:"Content-Type"`
	Disposition string `header:"Content-Disposition"`
	Body        []byte
}

func (s *Server) invoiceXML(ctx context.Context, in *xmlInput) (*EInvoice, error) {
	if err := s.seeInvoice(ctx, in.ID); err != nil {
		return nil, err
	}
	inv, err := s.store.Invoice(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	if inv.Number == nil {
		return nil, fault.New(NotRendered, "a draft has no e-invoice; complete it first")
	}
	row, err := s.store.InvoiceSnapshot(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return in.ubl(*inv.Number, row.Snapshot)
}

func (s *Server) creditNoteXML(ctx context.Context, in *xmlInput) (*EInvoice, error) {
	if _, err := s.seeCreditNote(ctx, in.ID); err != nil {
		return nil, err
	}
	row, err := s.store.CreditNoteSnapshot(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return in.ubl(row.Number, row.Snapshot)
}

// ubl writes what was frozen when the invoice or credit note got its number.
func (in *xmlInput) ubl(number string, snapshot json.RawMessage) (*EInvoice, error) {
	doc, err := frozenDocument(number, snapshot)
	if err != nil {
		return nil, err
	}
	body, err := doc.UBL()
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(body)
	out := &EInvoice{Status: http.StatusOK, ETag: strconv.Quote(hex.EncodeToString(sum[:])), ContentType: "application/xml", Body: body}
	if matches(in.IfNoneMatch, out.ETag) {
		return &EInvoice{Status: http.StatusNotModified, ETag: out.ETag}, nil
	}
	out.Disposition = disposition(number+".xml", false)
	return out, nil
}

func frozenDocument(number string, snapshot json.RawMessage) (*einvoice.Document, error) {
	var snap struct {
		EInvoice *einvoice.Document `json:"einvoice"`
	}
	if err := json.Unmarshal(snapshot, &snap); err != nil {
		return nil, fmt.Errorf("read the snapshot of %s: %w", number, err)
	}
	if snap.EInvoice == nil {
		return nil, fault.New(einvoice.Incomplete, "%s was made before what an e-invoice says was kept; it has its PDF alone", number)
	}
	return snap.EInvoice, nil
}

// matches tells whether If-None-Match names a tag.
func matches(header, tag string) bool {
	for t := range strings.SplitSeq(header, ",") {
		if t = strings.TrimSpace(t); t == "*" || strings.TrimPrefix(t, "W/") == tag {
			return true
		}
	}
	return false
}

// partyCodes puts the codes of a seller or buyer as they are stored, if they
// are sound.
func partyCodes(country, vatID, endpoint *string) error {
	var err error
	if *country, err = einvoice.ParseCountry("country_code", *country); err != nil {
		return err
	}
	if *vatID, err = einvoice.ParseVATID("vat_id", *vatID); err != nil {
		return err
	}
	*endpoint, err = einvoice.ParseEndpoint("electronic_address", *endpoint)
	return err
}
