package api

import (
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/shopspring/decimal"
)

// table is a report as a spreadsheet takes it.
type table struct {
	name string
	head []string
	rows [][]string
}

// cell is text that no spreadsheet takes for a formula; a number stays one.
func cell(s string) string {
	if s == "" || !strings.ContainsRune("=+-@\t\r\n", rune(s[0])) {
		return s
	}
	if _, err := decimal.NewFromString(s); err == nil && s[0] == '-' {
		return s
	}
	return "'" + s
}

// asCSV answers a table as CSV (RFC 4180).
func asCSV(t table) *huma.StreamResponse {
	return &huma.StreamResponse{Body: func(c huma.Context) {
		w := csvHead(c, t)
		csvRows(w, t.rows)
		w.Flush() // what cannot be written here nobody reads any more
	}}
}
