package document

import (
	"bytes"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"steward/internal/work"
)

func sampleStatus() StatusData {
	far, near := 80, 12
	p := work.ProjectReport{
		ID: uuid.UUID{1}, Code: "SHOP", Name: "Web shop", EstimatedMinutes: 9000, WorkedMinutes: 4315, RemainingMinutes: 4700, WorkedSinceMinutes: 725,
		Currency: "GBP", Billed: "6250.00", StartsOn: day(1, 2), DaysSinceStart: &far, EstimatedEndOn: day(4, 1), DaysToEnd: &near,
		Planned: 4, Open: 3, Complete: 11,
		Completed: work.TaskNews{Titles: []string{"SHOP-1 Analysis", "SHOP-2 A title that is long enough to run over the end of the line, because whoever wrote it wanted to say all of it at once"}, Others: 2},
		Added:     work.TaskNews{Titles: []string{"SHOP-18 Payment page"}},
		Opened:    work.TaskNews{Titles: []string{}, Others: 1},
		Dropped:   work.TaskNews{Titles: []string{"SHOP-5 Newsletter"}},
		Next:      []string{"SHOP-8 Basket", "SHOP-4 Design", "SHOP-18 Payment page"},
	}
	q := work.ProjectReport{ID: uuid.UUID{2}, Code: "APP", Name: "Mobile app", Currency: "GBP", Billed: "0.00", Planned: 1, WorkedSinceMinutes: -90}
	return StatusData{
		Seller: sample().Seller, Buyer: sample().Buyer, Comment: "The payment page waits for your bank.\nShall we call them together?", CommentBy: "Olivia",
		Report: work.WeekReport{Client: sample().Buyer.Name, Week: "2026-W12", WeekEnding: day(3, 19), AsOf: day(3, 20), Since: day(3, 12), Projects: []work.ProjectReport{p, q}},
	}
}

func statusPDF(t *testing.T, in StatusData) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Status(&b, in); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestAStatusReportLooksAsBefore(t *testing.T) { // S1.69
	t.Parallel()
	first := statusPDF(t, sampleStatus())
	if !bytes.Equal(first, statusPDF(t, sampleStatus())) {
		t.Error("the same report was rendered differently")
	}
	golden(t, "status.golden", describe(read(t, first)))
}

func TestAStatusReportSpeaksTheClientsLanguage(t *testing.T) { // S1.69
	t.Parallel()
	for language, want := range map[string][]string{
		"de": {"Statusbericht 2026-W12", "6.250,00 GBP", "2. Jan. 2026, vor 80 Tagen", "4 geplant, 3 offen, 11 erledigt", "2 weitere Aufgaben", "Entfallen", "Anmerkung von Olivia"},
		"fr": {"Rapport d’avancement 2026-W12", "6\u00a0250,00 GBP", "1 avr. 2026, dans 12 jours", "dont depuis le 12 mars 2026", "1 tâche", "Abandonné"},
		"es": {"Informe de avance 2026-W12", "6.250,00 GBP", "19 mar. 2026", "Horas restantes", "por determinar"},
	} {
		in := sampleStatus()
		in.Language, in.Report.AsOf = language, day(3, 19)
		all := texts(slices.Concat(read(t, statusPDF(t, in))...))
		for _, w := range want {
			if !slices.Contains(all, w) {
				t.Errorf("%s: %q is not on the page: %q", language, w, all)
			}
		}
	}
}

func TestNoLanguageOfStatusReportsLacksAWord(t *testing.T) { // S1.69
	t.Parallel()
	for language := range languages {
		words := reflect.ValueOf(statusLanguages[language])
		for i := range words.NumField() {
			if words.Field(i).IsZero() {
				t.Errorf("%s has no word for %s", language, words.Type().Field(i).Name)
			}
		}
	}
}

func TestALongStatusReportStaysInsideItsPages(t *testing.T) { // S1.69
	t.Parallel()
	for language := range languages {
		in := sampleStatus()
		in.Language, in.Comment = language, strings.Repeat("One more thing that you should know. ", 120)
		for range 8 {
			in.Report.Projects = append(in.Report.Projects, in.Report.Projects...)
		}
		s := newSheet()
		pages := newStatus(in, s).compose()
		if len(pages) < 10 {
			t.Errorf("it has %d pages", len(pages))
		}
		for i, p := range pages {
			var all block
			for _, b := range p {
				all.place(b.block, b.y)
			}
			if err := apart(boxes(all.marks, s)); err != nil {
				t.Errorf("%s, page %d: %v", language, i+1, err)
			}
		}
	}
}

func TestHoursAreReadAtOnce(t *testing.T) { // S1.69
	t.Parallel()
	for minutes, want := range map[int]string{0: "0:00", 5: "0:05", 425: "7:05", -90: "-1:30"} {
		if got := Clock(minutes); got != want {
			t.Errorf("%d minutes are %s, want %s", minutes, got, want)
		}
	}
}
