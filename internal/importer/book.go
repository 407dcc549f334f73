package importer

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"unicode/utf8"
)

// A book is one file while it is read.
type book struct {
	layout
	handle   fs.File
	csv      *csv.Reader
	headers  []string
	columns  map[string]int
	problems *problems
	size     int
}

// open finds a file and reads its header. What is wrong with either is added to
// the problems; then, and where a file is absent that may be, there is no book.
func open(files fs.FS, file string, ps *problems) (*book, error) {
	l := layoutOf(file)
	f, err := files.Open(file)
	if errors.Is(err, fs.ErrNotExist) {
		if !l.may {
			ps.stop(file, 0, MissingFile, "there is no %s in the folder", file)
		}
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", file, err)
	}
	b := &book{layout: l, handle: f, problems: ps}
	if err := b.begin(); err != nil {
		return nil, errors.Join(fmt.Errorf("read %s: %w", file, err), f.Close())
	}
	if b.columns == nil {
		return nil, f.Close()
	}
	return b, nil
}

func (b *book) begin() error {
	info, err := b.handle.Stat()
	if err != nil {
		return err
	}
	b.size = int(info.Size())
	text := bufio.NewReaderSize(b.handle, 1<<16)
	if mark, _ := text.Peek(3); string(mark) == "\ufeff" {
		_, _ = text.Discard(len(mark)) // what was peeked at is there
	}
	b.csv = csv.NewReader(text)
	b.csv.FieldsPerRecord = -1
	b.csv.ReuseRecord = true
	b.csv.TrimLeadingSpace = true
	return b.readHeader()
}

// readHeader sets the columns if the header is good.
func (b *book) readHeader() error {
	cells, err := b.csv.Read()
	if errors.Is(err, io.EOF) {
		b.problems.stop(b.file, 1, NoHeader, "the file is empty: its first line names the columns")
		return nil
	}
	if wrong := new(csv.ParseError); errors.As(err, &wrong) {
		b.problems.stop(b.file, wrong.Line, BadQuotes, "the header has a quote in the wrong place")
		return nil
	}
	if err != nil {
		return err
	}
	line, _ := b.csv.FieldPos(0)
	b.headers = slices.Clone(cells)
	b.checkHeader(line)
	return nil
}

func (b *book) checkHeader(line int) {
	stop := func(format string, args ...any) { b.problems.stop(b.file, line, UnknownColumn, format, args...) }
	columns, before := map[string]int{}, b.problems.total()
	for i, name := range b.headers {
		valid := utf8.ValidString(name)
		name = strings.ToLower(strings.TrimSpace(name))
		b.headers[i] = name
		_, twice := columns[name]
		columns[name] = i
		switch {
		case !valid:
			b.problems.stop(b.file, line, BadEncoding, "the header is not UTF-8: save the file as UTF-8")
			return
		case len(b.headers) == 1 && strings.ContainsAny(name, ";\t"):
			stop("the columns are not parted by commas: save the file as CSV with commas")
			return
		case name == "":
			stop("column %d has no name", i+1)
		case !b.has(name):
			stop("there is no column %q in %s", shorten(name, 60), b.file)
		case twice:
			b.problems.stop(b.file, line, DuplicateColumn, "column %q is there twice", name)
		}
	}
	for _, name := range b.required {
		if _, ok := columns[name]; !ok {
			b.problems.stop(b.file, line, MissingColumn, "column %q is missing", name)
		}
	}
	if b.problems.total() == before {
		b.columns = columns
	}
}

// next is the next row that is not blank; io.EOF after the last. A row that is
// no row of this file comes marked as bad.
func (b *book) next() (*row, error) {
	for {
		cells, err := b.csv.Read()
		if wrong := new(csv.ParseError); errors.As(err, &wrong) {
			r := &row{book: b, line: wrong.StartLine}
			r.problem("", BadQuotes, "a quote opens or closes in the wrong place, seen in line %d", wrong.Line)
			return r, nil
		}
		if err != nil {
			return nil, err
		}
		line, _ := b.csv.FieldPos(0)
		if r := (&row{book: b, line: line, cells: cells}); !r.blank() {
			r.check()
			return r, nil
		}
	}
}

// done is how many bytes were read.
func (b *book) done() int { return int(b.csv.InputOffset()) }

func (b *book) close() error { return b.handle.Close() }
