package embedded

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"syscall"
)

// The settings that name ports, as the sentences about a taken port say them.
const (
	postgresPortSetting   = "--postgres-port"
	temporalPortSetting   = "--temporal-port"
	temporalUIPortSetting = "--temporal-ui-port"
)

// PortTaken is the error for a port that was asked for and is in use.
type PortTaken struct {
	Port    int    // the port, on 127.0.0.1
	Setting string // the flag that chooses it
}

// Error names the port and the setting.
func (e *PortTaken) Error() string {
	return fmt.Sprintf("port %d is taken by another program: stop that one, or choose another port with %s", e.Port, e.Setting)
}

// choosePort answers the port that was asked for, if it is free, or any free
// one for 0. Somebody may take it before it is used: whoever asked for 0 tries
// again then.
func choosePort(asked int, setting string) (int, error) {
	l, err := net.Listen("tcp", address(asked))
	if errors.Is(err, syscall.EADDRINUSE) {
		return 0, &PortTaken{Port: asked, Setting: setting}
	}
	if err != nil {
		return 0, fmt.Errorf("port %d cannot be used (%w): choose another with %s", asked, err, setting)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

func address(port int) string {
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
}
