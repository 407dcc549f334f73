package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
)

// utf8JSON is JSON in UTF-8, as the contract has it: other bytes would be stored
// as signs that nobody wrote.
var utf8JSON = huma.Format{
	Marshal: huma.DefaultJSONFormat.Marshal,
	Unmarshal: func(data []byte, v any) error {
		if !utf8.Valid(data) {
			return errors.New("is not UTF-8")
		}
		err := huma.DefaultJSONFormat.Unmarshal(data, v)
		if wrong := new(json.UnmarshalTypeError); errors.As(err, &wrong) {
			return fmt.Errorf("%s: cannot be %s here; whole numbers are written in digits alone", wrong.Field, wrong.Value)
		}
		return err
	},
}

// identifiers is how [uuid.UUID] stands in the contract: refused by the name of its field
// where it is none.
type identifiers struct{}

// Schema implements [huma.SchemaProvider].
func (identifiers) Schema(huma.Registry) *huma.Schema {
	s := &huma.Schema{Type: huma.TypeString, Format: "uuid"}
	s.PrecomputeMessages()
	return s
}
