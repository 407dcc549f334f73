package embedded

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	embeddedpostgres "github.com/fergusstrange/embedded-postgres"
)

var errNoPostgres = errors.New("no Postgres 14 or newer was found on PATH, in /usr/lib/postgresql or in Homebrew")

// Versions that can be fetched, by major version.
var fetchable = map[int]embeddedpostgres.PostgresVersion{
	14: embeddedpostgres.V14,
	15: embeddedpostgres.V15,
	16: embeddedpostgres.V16,
	17: embeddedpostgres.V17,
	18: embeddedpostgres.V18,
}

const newestFetchable = 18

// chooseBinaries takes what is installed, and fetches what is not.
func chooseBinaries(ctx context.Context, own owner, data string, made int, o PostgresOptions) (binaries, error) {
	cache, err := binaryCache(own, o.Dir)
	if err != nil {
		return binaries{}, err
	}
	bin, err := pick(findBinaries(ctx, own, cache), data, made)
	if ctx.Err() != nil { // a cancelled search finds nothing
		return bin, ctx.Err()
	}
	if !errors.Is(err, errNoPostgres) {
		return bin, err
	}
	if made == 0 {
		made = newestFetchable
	}
	if fetchable[made] == "" {
		return binaries{}, fmt.Errorf("the data in %s was made by Postgres %d, and this machine has no Postgres: install Postgres %d", data, made, made)
	}
	o.Say("%v: fetching Postgres %d, once", err, made)
	if fetchErr := download(ctx, cache, made, o.Log); fetchErr != nil {
		return binaries{}, fmt.Errorf("%w, and fetching one did not work (%w): install Postgres, or set DATABASE_URL", err, fetchErr)
	}
	return pick(findBinaries(ctx, own, cache), data, made)
}

// binaryCache is where fetched binaries lie: somewhere their user can enter.
func binaryCache(own owner, fallback string) (string, error) {
	if own.cred != nil {
		return "/var/lib/steward", nil
	}
	return cacheDir(fallback)
}

// download fetches the binaries of a major version into a folder of cache. The
// library only fetches as a part of starting, so a server is started and
// stopped on the way; where that does not work, as for root, the binaries are
// there all the same, which is what counts.
func download(ctx context.Context, cache string, major int, log io.Writer) error {
	if err := os.MkdirAll(cache, 0o711); err != nil {
		return cannotWrite(cache, err)
	}
	work, err := os.MkdirTemp(cache, "fetch-*")
	if err != nil {
		return cannotWrite(cache, err)
	}
	defer os.RemoveAll(work)
	result := make(chan error, 1)
	go func() { result <- fetch(work, major, log) }()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case err := <-result:
		if err != nil {
			return err
		}
	}
	target := filepath.Join(cache, fmt.Sprint("postgres-", major))
	if err := os.Rename(filepath.Join(work, "binaries"), target); err != nil && !errors.Is(err, os.ErrExist) {
		return cannotWrite(cache, err)
	}
	return os.Chmod(target, 0o755)
}

func fetch(work string, major int, log io.Writer) error {
	port, err := choosePort(0, postgresPortSetting)
	if err != nil {
		return err
	}
	if log == nil {
		log = io.Discard
	}
	server := embeddedpostgres.NewDatabase(embeddedpostgres.DefaultConfig().
		Version(fetchable[major]).
		Port(uint32(port)).
		CachePath(filepath.Join(work, "archive")).
		RuntimePath(filepath.Join(work, "run")).
		BinariesPath(filepath.Join(work, "binaries")).
		DataPath(filepath.Join(work, "data")).
		Logger(log))
	err = server.Start()
	if err == nil {
		return server.Stop()
	}
	if _, missing := os.Stat(filepath.Join(work, "binaries", "bin", "initdb")); missing == nil {
		return nil
	}
	return err
}
