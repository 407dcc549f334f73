package e2e

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// certify writes a certificate for this machine, which signs itself.
func certify(t *testing.T, dir string, serial int64) *x509.CertPool {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	about := &x509.Certificate{SerialNumber: big.NewInt(serial), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	cert, err := x509.CreateCertificate(rand.Reader, about, about, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	bits, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	known := x509.NewCertPool()
	parsed, err := x509.ParseCertificate(cert)
	if err != nil {
		t.Fatal(err)
	}
	known.AddCert(parsed)
	for name, b := range map[string]*pem.Block{"key.pem": {Type: "PRIVATE KEY", Bytes: bits}, "cert.pem": {Type: "CERTIFICATE", Bytes: cert}} {
		if err := os.WriteFile(filepath.Join(dir, name), pem.EncodeToMemory(b), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return known
}

// asks opens a new connection that believes these certificates alone.
func asks(url string, known *x509.CertPool) error {
	c := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: known}, DisableKeepAlives: true, ForceAttemptHTTP2: true}}
	r, err := c.Get(url + "/healthz")
	if err != nil {
		return err
	}
	defer r.Body.Close()
	if r.StatusCode != 200 || r.TLS == nil || r.Proto != "HTTP/2.0" {
		return fmt.Errorf("%s %s", r.Status, r.Proto)
	}
	return nil
}

func TestTheAPISpeaksTLSAndTakesUpANewCertificate(t *testing.T) {
	t.Parallel()
	s, dir := newSystem(t), t.TempDir()
	first := certify(t, dir, 1)
	s.env = append(s.env, "STEWARD_TLS_CERT="+filepath.Join(dir, "cert.pem"))
	if _, said, err := s.try("api"); err == nil || !strings.Contains(said, "go together") {
		t.Errorf("%v, %s", err, said)
	}
	s.env = append(s.env, "STEWARD_TLS_KEY="+filepath.Join(dir, "key.pem"))
	_, m := s.start(regexp.MustCompile(`the API listens on (https://\S+)`), nil, "api")
	if err := asks(m[1], first); err != nil {
		t.Error(err)
	}
	old := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: first, MaxVersion: tls.VersionTLS11, MinVersion: tls.VersionTLS10}}}
	if _, err := old.Get(m[1] + "/healthz"); err == nil {
		t.Error("an old TLS is spoken")
	}
	second := certify(t, dir, 2)
	eventually(t, "the new certificate is taken up", func() error { return asks(m[1], second) })
}
