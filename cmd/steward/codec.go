package main

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"

	"steward/internal/config"
	"steward/internal/dispatch"
)

// payloadKeys reads the keys that hide what Temporal keeps.
func payloadKeys(s config.Settings) (dispatch.Keys, error) {
	text, err := s.PayloadKeys()
	if err != nil {
		return dispatch.Keys{}, err
	}
	return dispatch.ParseKeys(text)
}

type codecCommand struct {
	Listen string   `default:"127.0.0.1:8234" help:"Where it listens; other than this machine only with a token."`
	UI     []string `name:"ui" default:"http://127.0.0.1:8233,http://localhost:8233" help:"The origins of the Temporal UI whose pages may ask."`
	Token  string   `name:"token" env:"STEWARD_CODEC_TOKEN" help:"What everybody who asks has to bring, as bearer or as the first part of the path."`
}

// Run serves the codec until it is told to stop.
func (c codecCommand) Run(ctx context.Context, s config.Settings, o out) error {
	keys, err := payloadKeys(s)
	if err != nil {
		return err
	}
	if keys.Empty() {
		return errors.New("the codec needs STEWARD_PAYLOAD_KEYS: without keys nothing is hidden")
	}
	if c.Token == "" && !here(c.Listen) {
		return errors.New("the codec shows what is hidden: give it a --token, or let it listen on this machine alone")
	}
	l, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return err
	}
	o.say("the codec listens on http://%s", l.Addr())
	return serve(ctx, &http.Server{
		Handler: dispatch.Codec(keys, c.UI, c.Token), ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute, WriteTimeout: time.Minute, IdleTimeout: time.Minute,
	}, l)
}

// here tells whether only this machine reaches an address.
func here(address string) bool {
	host, _, err := net.SplitHostPort(address)
	ip := net.ParseIP(host)
	return err == nil && (host == "localhost" || ip != nil && ip.IsLoopback())
}
