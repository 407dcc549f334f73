package bank

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strings"

	"steward/internal/civil"
	"steward/internal/fault"
)

// CSV reads lines from CSV with a head: date, amount and currency are needed;
// text, reference, payer and key may be there, in any order. Lines of money that
// went out (below zero) are left out. It refuses with [BadFile].
func CSV(data []byte) ([]Line, error) {
	data = bytes.TrimPrefix(data, []byte("\xEF\xBB\xBF"))
	r := csv.NewReader(bytes.NewReader(data))
	r.Comma = separator(data)
	head, err := r.Read()
	if err != nil {
		return nil, fault.New(BadFile, "the file has no head: date,amount,currency,text,reference,payer,key")
	}
	at := map[string]int{}
	for i, name := range head {
		at[strings.ToLower(strings.TrimSpace(name))] = i
	}
	for _, name := range []string{"date", "amount", "currency"} {
		if _, ok := at[name]; !ok {
			return nil, fault.New(BadFile, "the column %s is missing", name)
		}
	}
	var lines []Line
	var names [][]string
	for place := 2; ; place++ {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return keyed(lines, names), nil
		}
		if err != nil {
			return nil, bad(place, "%s", err)
		}
		cell := func(name string) string {
			if i, ok := at[name]; ok {
				return strings.TrimSpace(row[i])
			}
			return ""
		}
		l := Line{Place: place, Currency: strings.ToUpper(cell("currency")), Reference: cell("reference"), Payer: cell("payer"), Text: cell("text")}
		if l.On, err = civil.Parse(cell("date")); err != nil {
			return nil, bad(place, "%s", err)
		}
		if l.Amount, err = figure(cell("amount")); err != nil {
			return nil, bad(place, "%s", err)
		}
		if l.Amount.Sign() <= 0 {
			continue
		}
		name := l.said()
		if key := cell("key"); key != "" {
			name = l.called("own", key)
		}
		l.Reference, l.Payer, l.Text = kept(l.Reference), kept(l.Payer), kept(l.Text)
		if lines, names = append(lines, l), append(names, []string{name}); len(lines) > most {
			return nil, tooMany()
		}
	}
}

// kept is a text without what no database keeps. Its name is made of it as it was.
func kept(s string) string {
	return strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", " "), "\ufffd")
}

// separator is a comma, or a semicolon where the head has those.
func separator(data []byte) rune {
	head, _, _ := bytes.Cut(data, []byte("\n"))
	if bytes.Count(head, []byte(";")) > bytes.Count(head, []byte(",")) {
		return ';'
	}
	return ','
}
