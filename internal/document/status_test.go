package document

import (
	"bytes"
	"strings"
	"testing"

	"steward/internal/work"
)

func statusSample() StatusData {
	far, near := 80, 12
	p := work.ProjectReport{
		Code: "SHOP", Name: "Web shop", Status: work.Active, EstimatedMinutes: 9000, WorkedMinutes: 4315, RemainingMinutes: 4700, WeekMinutes: 725,
		Currency: "GBP", Billed: "6,250.00", StartsOn: day(1, 2), DaysSinceStart: &far, EstimatedEndOn: day(4, 1), DaysToEnd: &near,
		Planned: 4, Open: 3, Complete: 11,
		Completed: work.TaskNews{Titles: []string{"SHOP-1 Analysis", "SHOP-2 A title that is long enough to run over the end of the line, because whoever wrote it wanted to say all of it at once"}, Others: 2},
		Added:     work.TaskNews{Titles: []string{"SHOP-18 Payment page"}},
		Opened:    work.TaskNews{Titles: []string{}, Others: 1},
		Next:      []string{"SHOP-8 Basket", "SHOP-4 Design", "SHOP-18 Payment page"},
	}
	q := work.ProjectReport{Code: "APP", Name: "Mobile app", Status: work.Active, Currency: "GBP", Billed: "0.00", Planned: 1}
	return StatusData{
		Seller: sample().Seller, Buyer: sample().Buyer, Comment: "The payment page waits for your bank.\nShall we call them together?", CommentBy: "Olivia",
		Report: work.WeekReport{Client: sample().Buyer.Name, Week: "2026-W12", WeekEnding: day(3, 20), From: day(3, 13), To: day(3, 19), Projects: []work.ProjectReport{p, q}},
	}
}

func TestAStatusReportLooksAsBefore(t *testing.T) { // S1.69
	t.Parallel()
	var first, second bytes.Buffer
	if err := Status(&first, statusSample()); err != nil {
		t.Fatal(err)
	}
	if err := Status(&second, statusSample()); err != nil || !bytes.Equal(first.Bytes(), second.Bytes()) {
		t.Errorf("rendered again it differs, %v", err)
	}
	golden(t, "status.golden", describe(read(t, first.Bytes())))
}

func TestALongStatusReportRunsOverSeveralPages(t *testing.T) { // S1.69
	t.Parallel()
	in := statusSample()
	for range 8 {
		in.Report.Projects = append(in.Report.Projects, in.Report.Projects[0])
	}
	var b bytes.Buffer
	if err := Status(&b, in); err != nil {
		t.Fatal(err)
	}
	if got := describe(read(t, b.Bytes())); !strings.Contains(got, "Page 2 of ") {
		t.Errorf("it has one page: %s", got)
	}
}
