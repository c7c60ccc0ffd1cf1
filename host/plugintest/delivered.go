package plugintest

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/plugintest/rig"
	"github.com/musubi-run/musubi/host/web"
	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/simkit"
)

// checkDelivered has staff change a record on a sim that sends webhooks, and
// takes them in as a host does: what the sim signs must fit what the manifest
// declares. Where a poll looks for the same change, both must be one event. A
// connector without polls may say in "polls", too, how to change a record.
func (s *suite) checkDelivered(t *testing.T) {
	for _, trigger := range s.manifest.Triggers {
		poll, known := s.fixture.Polls[trigger.Name]
		if trigger.Webhook && known {
			s.waivers.run(t, "webhook", "sent-by-the-sim/"+trigger.Name, func(t *testing.T) {
				t.Parallel()
				s.checkSent(s.newWalk(t, trigger.Name, poll), trigger.Poll)
			})
		}
	}
}

func (s *suite) checkSent(w *walk, polled bool) {
	w.Helper()
	if polled {
		w.all()
	}
	in := s.receiver(w)
	w.change(1, time.Minute)
	sent, err := w.p.Sent(w.Context())
	rig.Must(w.T, err)
	for i := range sent {
		if sent[i].Status == http.StatusUnauthorized {
			w.Errorf("a host refuses the %s that the sim sends as not signed: every webhook of the platform would be lost. The manifest declares "+
				"%+v: compare header, encoding, prefix, payload and secret with the platform's reference, and the sim with it, too. "+
				"A ping that the platform itself sends unsigned is declared under Pings of the connector's Webhook",
				sent[i].Event, s.manifest.Webhook.Signatures)
			return
		}
	}
	if slices.Contains(repeats, word(w.trigger)) && len(w.poll.Change) > 0 {
		w.toldApart(in)
	}
	if polled {
		w.announcedAlike(in.of(w.trigger))
	} else if len(in.of(w.trigger)) == 0 {
		w.Errorf("the sim sent %d webhooks about %s, and none of them announces %s", len(sent), w.id(0), w.trigger)
	}
}

// announcedAlike polls, and compares the keys of the events with those that came by webhook.
func (w *walk) announcedAlike(sent []abi.Event) {
	w.Helper()
	if len(sent) == 0 {
		w.Log("the sim sent no webhook about it")
		return
	}
	w.pass(settling)
	for _, key := range pollKeys(sent) {
		w.keys[key] = true
	}
	told := len(w.keys)
	w.all()
	if len(w.keys) > told {
		w.Errorf("one change of %s came by webhook with the dedupe key %q, and the poll announces it again with another one: everything would "+
			"be done twice. Give both the same key, made of what both know: the record's id with its version or time of change. Where a delivery needs a finer "+
			"one, let its Also be that of the poll", w.id(0), sent[0].Dedupe)
	}
}

// toldApart changes the record twice in one moment: the host must not take the
// second delivery for a repetition of the first.
func (w *walk) toldApart(in *receiver) {
	w.Helper()
	before := len(in.of(w.trigger))
	w.touch(0)
	w.make(0)
	_, err := w.p.Sent(w.Context())
	rig.Must(w.T, err)
	sent := in.of(w.trigger)[before:]
	told := map[string]string{}
	for i, key := range dedupeKeys(sent) {
		data := string(sent[i].Data)
		if before, known := told[key]; known && before != data {
			w.Errorf("two changes of %s within one second came by webhook with one dedupe key, %q: the second would be lost. Add a hash of the body, and let "+
				"Also be the key without it, which polls have", w.id(0), sent[i].Dedupe)
		}
		told[key] = data
	}
}

// receiver is a host's intake, with the connector behind it.
type receiver struct {
	w *walk

	mu     sync.Mutex
	events []abi.Event
}

// receiver has the sim send to a web server as a host has it.
func (s *suite) receiver(w *walk) *receiver {
	w.Helper()
	in := &receiver{w: w}
	secrets := s.secrets(w.T, w.p, options{})
	const token = "0123456789abcdef"
	server, err := web.New(web.Options{
		Hooks: []web.Hook{{
			Connection: s.manifest.ID, Token: token, Webhook: *s.manifest.Webhook, Secrets: secrets,
			Settings: s.settings(w.T, w.p, options{settings: w.poll.Settings}),
		}},
		Intake: in, Meter: in, AdminToken: token, Logger: slog.New(slog.DiscardHandler), Clock: time.Now,
	})
	rig.Must(w.T, err)
	rig.Must(w.T, server.Listen(w.Context(), "127.0.0.1:0"))
	w.Cleanup(func() { rig.Must(w.T, server.Shutdown(context.Background())) })
	rig.Must(w.T, w.p.SetHook(w.Context(), simkit.Hook{
		URL: "http://" + server.Addr() + web.HookPath(s.manifest.ID, token), Secret: hookSecret(s.manifest.Webhook, secrets),
	}))
	return in
}

// hookSecret is the secret that the platform signs with.
func hookSecret(webhook *abi.Webhook, secrets map[string]string) string {
	for _, signature := range webhook.Signatures {
		if secret := secrets[signature.Secret]; secret != "" {
			return secret
		}
	}
	return ""
}

// Receive takes a delivery whose signature is good.
func (r *receiver) Receive(_ context.Context, d host.Delivery) (host.Receipt, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	output, fault := r.w.c.try(r.w.T, abi.Call{Op: abi.OpWebhook, Method: d.Method, Query: d.Query, Headers: d.Headers, Body: d.Body})
	if fault != nil {
		return host.Receipt{}, fault
	}
	r.events = append(r.events, decodeReceipt(r.w.T, output).Events...)
	return host.Receipt{}, nil
}

// Delivered counts nothing.
func (*receiver) Delivered(string, string, time.Duration) {}

// of are the events of one type that came.
func (r *receiver) of(typ string) []abi.Event {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(r.events), func(e abi.Event) bool { return e.Type != typ })
}
