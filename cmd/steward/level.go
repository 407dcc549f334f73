package main

import (
	"fmt"
	"log/slog"
	"reflect"

	"github.com/alecthomas/kong"
)

// logLevel reads a level, and names the levels where there is no such.
func logLevel(given *kong.DecodeContext, target reflect.Value) error {
	var word string
	if err := given.Scan.PopValueInto("level", &word); err != nil {
		return err
	}
	var level slog.Level
	if err := level.UnmarshalText([]byte(word)); err != nil {
		return fmt.Errorf("%q is no level: it is debug, info, warn or error", word)
	}
	target.Set(reflect.ValueOf(level))
	return nil
}
