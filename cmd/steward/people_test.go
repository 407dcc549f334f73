package main

import (
	"strings"
	"testing"
)

func TestAWrongAddressIsNamed(t *testing.T) {
	c := userAdd{Email: "ann.firm.example", Name: "Ann", Role: []string{"contributor"}, TimeZone: "UTC"}
	if err := c.check(); err == nil || !strings.Contains(err.Error(), `"ann.firm.example"`) {
		t.Errorf("it is refused with %v", err)
	}
}
