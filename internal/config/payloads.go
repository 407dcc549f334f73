package config

import (
	"fmt"
	"os"
	"strings"
)

// PayloadKeys is the text of the keys that hide what Temporal keeps: from the
// setting, or from the file that it names.
func (s Settings) PayloadKeys() (string, error) {
	name, inFile := strings.CutPrefix(s.Payloads, "file:")
	if !inFile {
		return s.Payloads, nil
	}
	name = strings.TrimPrefix(name, "//") // file:///run/secrets/keys
	b, err := os.ReadFile(name)
	if err != nil {
		return "", fmt.Errorf("read the payload keys: %w", err)
	}
	if strings.TrimSpace(string(b)) == "" {
		return "", fmt.Errorf("there are no payload keys in %s", name)
	}
	return string(b), nil
}
