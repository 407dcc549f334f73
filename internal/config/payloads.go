package config

import (
	"fmt"
	"os"
	"strings"
)

// PayloadKeys is the text of the keys that hide what Temporal keeps: from the
// setting, or from the file that it names.
func (s Settings) PayloadKeys() (string, error) {
	name, inFile := fileOf(s.Payloads)
	if !inFile {
		return s.Payloads, nil
	}
	return keptIn(name, "payload keys")
}

// fileOf is the file that a setting names instead of a secret:
// file:/run/secrets/key, or file:///run/secrets/key.
func fileOf(setting string) (name string, is bool) {
	name, is = strings.CutPrefix(setting, "file:")
	return strings.TrimPrefix(name, "//"), is
}

// keptIn reads a secret from its file, which has to have one.
func keptIn(name, what string) (string, error) {
	b, err := os.ReadFile(name)
	if err != nil {
		return "", fmt.Errorf("read the %s: %w", what, err)
	}
	if strings.TrimSpace(string(b)) == "" {
		return "", fmt.Errorf("there is no %s in %s", what, name)
	}
	return string(b), nil
}
