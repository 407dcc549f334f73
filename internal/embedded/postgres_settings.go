package embedded

import "fmt"

// settings are the command line's share of the configuration: it wins over the
// cluster's own files, so that old data gets new settings. There is no Unix
// socket: nothing to place, and nothing left behind by a kill.
func settings(port int, ephemeral bool) []string {
	values := []string{
		"listen_addresses=127.0.0.1",
		fmt.Sprint("port=", port),
		"unix_socket_directories=",
		"max_connections=200",
		"shared_buffers=128MB",
		"wal_level=minimal", // nobody replicates a development database
		"max_wal_senders=0",
		"wal_compression=on",
		"max_wal_size=1GB",
		"checkpoint_timeout=15min",
		"jit=off", // short queries only
		"timezone=UTC",
		"log_timezone=UTC",
		"log_checkpoints=off",
	}
	if ephemeral {
		values = append(values, "max_connections=500", "fsync=off", "synchronous_commit=off", "full_page_writes=off")
	}
	var args []string
	for _, v := range values {
		args = append(args, "-c", v)
	}
	return args
}
