package archtest

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// Libraries that have their places.
const (
	decimal  = "github.com/shopspring/decimal"
	uuid     = "github.com/google/uuid"
	pgx      = "github.com/jackc/pgx/v5/..."
	temporal = "go.temporal.io/..."
	gin      = "github.com/gin-gonic/gin/..."
	huma     = "github.com/danielgtaylor/huma/v2/..."
	otel     = "go.opentelemetry.io/otel/..."
	metrics  = "github.com/prometheus/client_golang/..."
	anything = "..."
	database = "internal/postgres/..."
)

// row is what a package may import from outside the standard library, and what
// it never reaches, not even by way of what it may import.
type row struct {
	may, never []string
}

// The pure packages, and what they stand on.
var (
	values  = []string{"internal/fault", "internal/civil", "internal/money"}
	pure    = append([]string{"internal/work", "internal/billing", "internal/access", "internal/story"}, values...)
	outside = []string{temporal, pgx, gin, huma, "os", "os/...", "net", "net/...", "log/...", "database/sql", "io/fs", "math/rand/...", "crypto/rand", "embed"}
)

// table is docs/architecture.md's, package by package.
var table = map[string]row{
	"internal/fault":   {nil, outside},
	"internal/civil":   {with(values), outside},
	"internal/money":   {with(values, decimal), outside},
	"internal/work":    {with(values, decimal, uuid), outside},
	"internal/billing": {with(values, decimal, uuid), outside},
	"internal/access":  {with(values, uuid), outside},
	"internal/story":   {with(values, uuid), outside},

	"internal/flow":        {with(pure, decimal, uuid, "go.temporal.io/sdk/temporal"), []string{database, pgx, gin, "os", "os/...", "net/http"}},
	"internal/postgres":    {with(pure, "internal/holiday", "internal/planted", database, decimal, uuid, pgx, "github.com/vgarvardt/pgx-google-uuid/v5"), []string{temporal, gin, huma, "internal/flow"}},
	"internal/postgres/db": {with(values, decimal, uuid, pgx), []string{temporal, gin, huma, "internal/flow"}},
	"internal/document":    {with(pure, "internal/bank", decimal, "github.com/jung-kurt/gofpdf", "github.com/boombuler/barcode/...", "golang.org/x/text/..."), []string{temporal, pgx, gin, huma, "internal/flow"}},
	"internal/mail":        {with(pure, "github.com/wneessen/go-mail/..."), []string{temporal, pgx, gin, huma, "internal/flow"}},
	"internal/files":       {with(pure, "gocloud.dev/...", "github.com/gabriel-vasile/mimetype"), []string{temporal, pgx, gin, huma, "internal/flow"}},
	"internal/importer":    {with(pure, "internal/mail", database, decimal, uuid, pgx), []string{temporal, gin, huma, "internal/flow"}},
	"internal/chart":       {with(pure), outside},
	"internal/einvoice":    {with(values, decimal), []string{temporal, pgx, gin, huma, "os", "os/...", "net/http", "log/...", "database/sql", "io/fs", "math/rand/...", "crypto/rand", "embed", "internal/document"}},
	"internal/holiday":     {with(values, "github.com/rickar/cal/v2/..."), []string{temporal, pgx, gin, huma, "internal/flow"}},
	"internal/bank":        {with(values, decimal, "golang.org/x/text/unicode/norm"), outside},
	"internal/secret":      {with(values, "golang.org/x/crypto/...", "golang.org/x/sync/...", "github.com/pquerna/otp/..."), []string{temporal, pgx, gin, huma}},
	"internal/webhook":     {with(values), []string{temporal, pgx, gin, huma, database, "internal/flow"}},
	"internal/openid":      {with(values, "github.com/coreos/go-oidc/v3/...", "golang.org/x/oauth2/...", "golang.org/x/sync/..."), []string{temporal, pgx, gin, huma, database}},
	"internal/config":      {with(values, "internal/openid"), []string{temporal, pgx, gin, huma}},

	"internal/chaos":    {nil, outside},
	"internal/planted":  {nil, []string{temporal, pgx, gin, huma, database}},
	"internal/trail":    {with(values, temporal, otel), []string{pgx, gin, huma, database, "internal/flow"}},
	"internal/backup":   {with(values, "internal/files", pgx), []string{temporal, gin, huma, database, "internal/flow"}},
	"internal/dispatch": {with(values, "internal/flow", "internal/secret", "internal/trail", uuid, temporal, "google.golang.org/protobuf/proto"), []string{pgx, gin, huma, database}},

	"activities": {with(pure, "internal/flow", "internal/holiday", database, "internal/document", "internal/einvoice", "internal/bank", "internal/mail", "internal/files", decimal, uuid, pgx, temporal), []string{gin, huma, "workflows", "worker", "api"}},
	"workflows":  {with(values, "internal/flow", "activities", uuid, temporal), []string{gin, huma, "worker", "api"}},
	"worker":     {with(pure, "internal/flow", "internal/dispatch", database, "internal/files", "internal/mail", "internal/secret", "internal/webhook", "internal/trail", "activities", "workflows", uuid, pgx, temporal, metrics, "golang.org/x/sync/..."), []string{gin, huma, "api"}},
	"api": {with(pure, "internal/flow", "internal/dispatch", database, "internal/files", "internal/bank", "internal/mail", "internal/openid", "internal/secret", "internal/webhook", "internal/holiday", "internal/chart", "internal/einvoice", "internal/planted", "internal/trail", decimal, uuid, pgx, temporal, gin, huma, metrics, otel, "golang.org/x/time/rate", "github.com/swaggest/swgui/...", "github.com/arran4/golang-ical"),
		[]string{"workflows", "activities", "worker", "internal/document", "internal/embedded/..."}},

	"migrations":  {[]string{pgx, "github.com/pressly/goose/v3/..."}, []string{temporal, gin, huma}},
	"cmd/steward": {[]string{anything}, []string{"internal/embedded/servers", "internal/fixture"}},

	// What stands beside the product.
	"internal/embedded":             {[]string{"internal/embedded", "github.com/fergusstrange/embedded-postgres", pgx, temporal}, []string{gin, huma, database}},
	"internal/embedded/mailbox":     {[]string{"github.com/emersion/go-smtp"}, []string{gin, huma, database, temporal, pgx}},
	"internal/embedded/servers":     {[]string{"internal/embedded", pgx}, []string{gin, huma, database}},
	"internal/embedded/withservers": {[]string{"internal/embedded", "internal/embedded/servers"}, []string{gin, huma, database}},
	"internal/fixture":              {[]string{anything}, []string{"workflows", "worker"}},
	"internal/demo":                 {[]string{anything}, []string{"workflows", "worker", "internal/embedded/..."}},
	"internal/bench":                {[]string{anything}, nil},
	"internal/e2e":                  {[]string{anything}, nil},
	"internal/load":                 {[]string{anything}, []string{"workflows", "worker", "api", "internal/embedded/servers", "internal/fixture"}},
	"internal/load/steady":          {[]string{"internal/load"}, []string{"workflows", "worker", "api"}},
	"internal/load/upgrade":         {[]string{"internal/load"}, []string{"workflows", "worker", "api"}},
	"internal/year":                 {nil, nil},
	"internal/archtest":             {nil, nil},
}

// testHelpers are packages with the word testing in them: only tests, and the
// programs that serve tests, import those.
var testHelpers = map[string][]string{
	"internal/embedded/servers": {"internal/embedded/withservers", "internal/fixture", "internal/e2e", "internal/bench"},
	"internal/fixture":          {"internal/e2e", "internal/bench"},
}

func with(some []string, more ...string) []string { return slices.Concat(some, more) }

func TestEveryPackageHasARowInTheTable(t *testing.T) {
	for pkg := range theHouse(t).packages() {
		if _, ok := table[pkg]; !ok {
			t.Errorf("%s has no row in the table of internal/archtest/imports_test.go: say there and in docs/architecture.md what it may import", pkg)
		}
	}
}

func TestPackagesImportWhatTheirRowAllows(t *testing.T) {
	for pkg, imports := range theHouse(t).packages() {
		for _, p := range unique(imports) {
			if name := ours(p); !standard(p) && !matches(table[pkg].may, name) {
				t.Errorf("%s imports %s, which its row in the table does not allow", pkg, name)
			}
		}
	}
}

func TestWhatIsNeverReachedIsNotReachedByDetours(t *testing.T) {
	packages := theHouse(t).packages()
	for pkg := range packages {
		for name, way := range reached(packages, pkg) {
			if matches(table[pkg].never, name) {
				t.Errorf("%s reaches %s: %s", pkg, name, strings.Join(append(way, name), " → "))
			}
		}
	}
}

func TestOnlyTestsImportTheHelpersOfTests(t *testing.T) {
	for pkg, imports := range theHouse(t).packages() {
		for _, p := range unique(imports) {
			allowed, helper := testHelpers[ours(p)]
			if helper && !slices.Contains(allowed, pkg) {
				t.Errorf("%s imports %s, which is for tests", pkg, ours(p))
			}
		}
	}
}

// reached lists what a package imports, directly or by way of other packages of
// ours, each with the way there.
func reached(packages map[string][]string, from string) map[string][]string {
	ways := map[string][]string{from: {}}
	for todo := []string{from}; len(todo) > 0; todo = todo[1:] {
		at := todo[0]
		for _, p := range packages[at] {
			name := ours(p)
			if _, known := ways[name]; known {
				continue
			}
			ways[name] = append(slices.Clone(ways[at]), at)
			if packages[name] != nil {
				todo = append(todo, name)
			}
		}
	}
	delete(ways, from)
	return ways
}

// ours drops the module's name from a path of ours.
func ours(p string) string { return strings.TrimPrefix(p, module) }

// standard tells a package of the standard library by its first element.
func standard(p string) bool {
	first, _, _ := strings.Cut(p, "/")
	return !strings.Contains(first, ".") && !strings.HasPrefix(p, module)
}

// matches tells whether a pattern names a package: itself, or with /... at its
// end also what is below.
func matches(patterns []string, name string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		above, all := strings.CutSuffix(p, "/...")
		return p == anything || name == above || all && strings.HasPrefix(name, above+"/")
	})
}

func unique(s []string) []string {
	set := map[string]bool{}
	for _, v := range s {
		set[v] = true
	}
	return slices.Sorted(maps.Keys(set))
}
