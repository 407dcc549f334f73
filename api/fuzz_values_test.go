package api_test

import (
	"encoding/json"
	"maps"
	"math"
	"slices"
	"strings"
)

// deepest is how far schemas are followed.
const deepest = 6

// value is one by the schema, for the most part.
func (f *fuzzer) value(schema map[string]any, depth int, name string) any {
	if ref, ok := schema["$ref"].(string); ok {
		return f.value(f.contract.schemas[strings.TrimPrefix(ref, "#/components/schemas/")], depth, name)
	}
	for _, k := range []string{"anyOf", "oneOf"} {
		if some, ok := schema[k].([]any); ok {
			one, _ := pick(f, some).(map[string]any)
			return f.value(one, depth, name)
		}
	}
	if enum, ok := schema["enum"].([]any); ok {
		return pick(f, enum)
	}
	switch f.typeOf(schema) {
	case "object":
		return f.object(schema, depth)
	case "array":
		items, _ := schema["items"].(map[string]any)
		list := []any{}
		for range f.rnd.IntN(4) {
			if depth < deepest && items != nil {
				list = append(list, f.value(items, depth+1, name))
			}
		}
		return list
	case "integer", "number":
		return f.number(schema)
	case "boolean":
		return f.one(2)
	case "null":
		return nil
	}
	return f.string(schema, name)
}

func (f *fuzzer) typeOf(schema map[string]any) string {
	switch t := schema["type"].(type) {
	case string:
		return t
	case []any:
		s, _ := pick(f, t).(string)
		return s
	}
	return "string"
}

func (f *fuzzer) object(schema map[string]any, depth int) any {
	required, _ := schema["required"].([]any)
	properties, _ := schema["properties"].(map[string]any)
	o := object{}
	for _, name := range slices.Sorted(maps.Keys(properties)) { // in order: the same seed gives the same request
		p, _ := properties[name].(map[string]any)
		if slices.Contains(required, any(name)) || depth < deepest && f.one(2) {
			o[name] = f.value(p, depth+1, name)
		}
	}
	return o
}

func (f *fuzzer) number(schema map[string]any) any {
	low, lowest := schema["minimum"].(float64)
	high, highest := schema["maximum"].(float64)
	switch {
	case lowest && f.one(3):
		return low
	case highest && f.one(3):
		return high
	case lowest && highest:
		return low + float64(f.rnd.IntN(int(min(high-low, 1e6))+1))
	}
	return pick(f, []any{0, 1, 2, 100, -1, 17.5, 1 << 31, 1e15, 0.000001})
}

// patterns have a text that fits them.
var patterns = map[string]string{
	`\S`: "word", "^[A-Z][A-Z0-9]{0,9}$": "NEW1", "^[A-Z0-9]{1,8}$": "INV9",
}

// samples are texts that fit fields by their name.
var samples = map[string][]string{
	"currency": {"GBP", "EUR", "JPY", "KWD", "XXX", "gbp"}, "time_zone": {"UTC", "Europe/London", "Local", "Mars/Base", "../etc"},
	"email": {"new@firm.example", "NEW@firm.example", "a", "a@b", "Ann <ann@firm.example>"}, "password": {"correct horse battery"},
	"holidays": {"GB", "DE-BY", "XX", ""},
}

func (f *fuzzer) string(schema map[string]any, name string) any {
	if pattern, ok := schema["pattern"].(string); ok && !f.one(4) {
		if strings.Contains(pattern, "[0-9]{1,15}") {
			return pick(f, []string{"0", "1", "12.50", "-1", "999999999999999", "0.000001", "999999999999999.999999", "1e5", "NaN"})
		}
		if fit, ok := patterns[pattern]; ok {
			return fit
		}
	}
	if some, ok := samples[name]; ok && !f.one(5) {
		return pick(f, some)
	}
	format, _ := schema["format"].(string)
	switch {
	case format == "date":
		return f.date()
	case format == "date-time":
		return pick(f, []string{"2026-03-19T09:00:00Z", "2026-03-19T09:00:00+14:00", "0000-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2026-03-19", "2026-13-40T99:00:00Z"})
	case strings.HasSuffix(name, "_id") || strings.HasSuffix(name, "_ids") || name == "id" || name == "depends_on" || name == "up_to":
		return f.anyID().String()
	case f.one(2):
		return pick(f, []string{"word", "09:00", "17:30", "GBP", "read", "admin", "mon"})
	}
	return f.text()
}

func (f *fuzzer) date() string {
	return pick(f, []string{"2026-03-19", "2026-03-20", "2026-02-28", "2026-02-30", "0001-01-01", "0000-00-00", "9999-12-31", "-0001-01-01", "99999-01-01", "2026-3-1", "", "infinity", "2026-03-20T10:00:00Z"})
}

// text is what people and machines send by mistake or on purpose.
func (f *fuzzer) text() string {
	return pick(f, []string{
		"", " ", "a", "\x00", "a\x00b", "\n\r\t", "'; DROP TABLE task; --", "%", "_%", `\`, "../../..", "null", "NaN", "0", "-1", "1e999", "true", "[]", "{}",
		"\u202eright to left", "é", "e\u0301", "😀", "\U0010ffff", "\ufffe", "<script>alert(1)</script>", "{{7*7}}", "${x}", "=1+1", "me",
		strings.Repeat("x", 300), strings.Repeat("é", 70_000), "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff", "urn:uuid:" + f.anyID().String(), f.anyID().String(),
	})
}

// spoil changes one place of a value.
func (f *fuzzer) spoil(v any) any {
	switch v := v.(type) {
	case object:
		keys := slices.Sorted(maps.Keys(v))
		if len(keys) == 0 || f.one(6) {
			v[pick(f, []string{"unknown", "id", "version", "if_version", "number", "actor_id", "__proto__", ""})] = f.junk()
			return v
		}
		k := pick(f, keys)
		switch f.rnd.IntN(4) {
		case 0:
			delete(v, k)
		case 1:
			v[k] = f.spoil(v[k])
		default:
			v[k] = f.junk()
		}
		return v
	case []any:
		if len(v) > 0 && f.one(2) {
			v[f.rnd.IntN(len(v))] = f.junk()
			return v
		}
		return append(slices.Clone(v), f.junk())
	}
	return f.junk()
}

func (f *fuzzer) junk() any {
	switch f.rnd.IntN(8) {
	case 0:
		return nil
	case 1:
		return pick(f, []any{math.MaxInt32, math.MinInt32, math.MaxInt64, json.Number("9223372036854775808"), json.Number("1e400"), json.Number("-0"), -1, 0, 0.1, 1e21, json.Number("123456789012345678901234567890")})
	case 2:
		return pick(f, []any{true, []any{}, object{}, []any{[]any{[]any{}}}, object{"a": object{"b": object{}}}})
	case 3:
		var deep any = "x"
		for range 200 {
			deep = []any{deep}
		}
		return deep
	case 4:
		return f.anyID().String()
	}
	return f.text()
}
