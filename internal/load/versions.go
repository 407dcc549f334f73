package load

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Previous is the release before this one: its newest tag, or where there is
// none the commit that a file names, and its sources in a folder of their own.
type Previous struct {
	Name, Source string
}

// CheckOut puts the sources of the release before into the installation's
// folder; Close takes them away. It needs the whole history of the repository.
func (in *Installation) CheckOut(ctx context.Context, file string) (Previous, error) {
	name, err := previous(ctx, file)
	if err != nil {
		return Previous{}, err
	}
	source := filepath.Join(in.Dir, "previous")
	if _, err := git(ctx, "worktree", "add", "--detach", "--force", source, name); err != nil {
		return Previous{}, err
	}
	in.stops = append(in.stops, func() { _, _ = git(context.Background(), "worktree", "remove", "--force", source) })
	return Previous{Name: name, Source: source}, nil
}

// previous is the newest tag of a release before this commit, or what the file
// names: its last line that is no comment.
func previous(ctx context.Context, file string) (name string, err error) {
	if tag, err := git(ctx, "describe", "--tags", "--match", "v*", "--abbrev=0", "HEAD"); err == nil {
		return tag, nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("there is no tag of a release, and %w", err)
	}
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			name = line
		}
	}
	if name == "" {
		return "", fmt.Errorf("%s names no commit", file)
	}
	return name, nil
}

func git(ctx context.Context, args ...string) (string, error) {
	out, err := exec.CommandContext(ctx, "git", args...).CombinedOutput()
	said := strings.TrimSpace(string(out))
	if err != nil {
		return "", fmt.Errorf("git %s: %w: %s", strings.Join(args, " "), err, said)
	}
	return said, nil
}
