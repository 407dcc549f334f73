package main

import (
	"bytes"
	"testing"
)

func TestTheVersionIsPrintedEitherWay(t *testing.T) {
	for _, asked := range []string{"version", "--version"} {
		var out, err bytes.Buffer
		if code := Run(t.Context(), []string{asked}, &out, &err); code != 0 || out.String() != "steward "+version+"\n" || err.Len() > 0 {
			t.Errorf("%s: %d, %q, %q", asked, code, out.String(), err.String())
		}
	}
}
