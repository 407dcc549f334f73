package main

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"
)

// encrypting is how the API speaks https with the files of a certificate and
// its key; nil without them.
func encrypting(cert, key string, log *slog.Logger) (*tls.Config, error) {
	if cert == "" && key == "" {
		return nil, nil
	}
	if cert == "" || key == "" {
		return nil, errors.New("--tls-cert and --tls-key go together")
	}
	c := &certificate{cert: cert, key: key, log: log}
	if _, err := c.get(nil); err != nil {
		return nil, err
	}
	return &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: c.get}, nil
}

// certificate is a certificate in files that others renew.
type certificate struct {
	cert, key string
	log       *slog.Logger

	mu      sync.Mutex
	current *tls.Certificate
	written time.Time // when the file was that it was read from
	looked  time.Time
}

// lookEvery is how often it is looked whether there is a new one.
const lookEvery = 10 * time.Second

// get is the certificate as it is now. One that cannot be read, because it is
// just being renewed, does not take the place of the one before.
func (c *certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.current != nil && time.Since(c.looked) < lookEvery {
		return c.current, nil
	}
	c.looked = time.Now()
	info, err := os.Stat(c.cert)
	if err == nil && c.current != nil && info.ModTime().Equal(c.written) {
		return c.current, nil
	}
	var pair tls.Certificate
	if err == nil {
		pair, err = tls.LoadX509KeyPair(c.cert, c.key)
	}
	if err == nil {
		c.current, c.written = &pair, info.ModTime()
	}
	if c.current == nil {
		return nil, fmt.Errorf("read the certificate: %w", err)
	}
	if err != nil {
		c.log.Warn("the renewed certificate cannot be read; the one before is used", "error", err)
	}
	return c.current, nil
}
