package embedded

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
)

// tuning is what makes a dev server as quick as one machine allows: one
// partition per queue, no wait between looks at the transfer queue, histories
// short enough to be read again when a worker is late or dead, and no rate
// limits, which are for clusters that many share. Update-with-start needs
// nothing: server 1.29 has it on.
var tuning = []string{
	"system.enableActivityEagerExecution=true",
	"history.transferProcessorMaxPollRPS=1000",
	"matching.numTaskqueueReadPartitions=1",
	"matching.numTaskqueueWritePartitions=1",
	"limit.historyCount.suggestContinueAsNew=1000", // 4,096 otherwise
	"history.maxInFlightUpdates=1000",              // 10 would refuse a busy client's account
	"frontend.rps=100000",
	"frontend.namespaceRPS=100000",
	"frontend.namespaceRPS.visibility=1000",
	"frontend.namespaceCount=10000", // long polls at a time
	"history.rps=100000",
	"matching.rps=100000",
	"frontend.persistenceMaxQPS=100000",
	"history.persistenceMaxQPS=100000",
	"matching.persistenceMaxQPS=100000",
}

// command is the server, deaf to the user's own settings for the Temporal CLI.
func (t *Temporal) command() *exec.Cmd {
	args := []string{
		"server", "start-dev", "--disable-config-file", "--disable-config-env",
		"--ip", "127.0.0.1", "--port", strconv.Itoa(t.port),
		"--namespace", t.opts.Namespace,
	}
	args = append(args, t.uiArgs()...)
	for _, v := range tuning {
		args = append(args, "--dynamic-config-value", v)
	}
	for name, kind := range SearchAttributes() {
		args = append(args, "--search-attribute", fmt.Sprint(name, "=", kind))
	}
	if t.dir != "" {
		args = append(args, "--sqlite-pragma", "journal_mode=WAL", "--sqlite-pragma", "synchronous=normal", "--db-filename", t.file())
	}
	cmd := exec.Command(t.bin.path, args...)
	cmd.Env = withoutTemporal(os.Environ())
	if os.Getenv("GOGC") == "" { // a fifth less work for some memory
		cmd.Env = append(cmd.Env, "GOGC=200")
	}
	return cmd
}

func (t *Temporal) uiArgs() []string {
	if t.uiPort == 0 {
		return []string{"--headless"}
	}
	return []string{"--ui-port", strconv.Itoa(t.uiPort)}
}

// withoutTemporal drops what would change the CLI's flags, and HOME, where it
// would leave a file behind.
func withoutTemporal(env []string) []string {
	var kept []string
	for _, v := range env {
		if !strings.HasPrefix(v, "TEMPORAL_") && !strings.HasPrefix(v, "HOME=") {
			kept = append(kept, v)
		}
	}
	return kept
}
