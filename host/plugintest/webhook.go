package plugintest

import (
	"cmp"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/musubi-run/musubi/host/plugintest/rig"
	"github.com/musubi-run/musubi/sdk/abi"
)

// webhookCase is one folder under testdata/webhooks.
type webhookCase struct {
	request struct {
		Method  string            `json:"method"`
		Query   string            `json:"query,omitempty"`
		Headers map[string]string `json:"headers,omitempty"`
	}
	body []byte
	want webhookWant
}

// webhookWant is want.json: the events with what they must hold at least, and
// the exact reply if the platform insists on one; or an error.
type webhookWant struct {
	Events []json.RawMessage `json:"events,omitempty"`
	Reply  *abi.HookReply    `json:"reply,omitempty"`
	Error  *errorWant        `json:"error,omitempty"`
}

func readWebhookCase(t *testing.T, dir, name string) *webhookCase {
	t.Helper()
	folder := filepath.Join(dir, "testdata", "webhooks", name)
	c := &webhookCase{}
	rig.ReadJSON(t, filepath.Join(folder, "request.json"), &c.request)
	rig.ReadJSON(t, filepath.Join(folder, "want.json"), &c.want)
	var err error
	if c.body, err = os.ReadFile(filepath.Join(folder, "body")); err != nil {
		t.Fatal(err)
	}
	return c
}

// call returns the call that brings the delivery with this body to the plugin.
func (c *webhookCase) call(body []byte) abi.Call {
	call := abi.Call{Op: abi.OpWebhook, Method: c.request.Method, Query: c.request.Query, Body: body}
	for name, value := range c.request.Headers {
		call.Headers = append(call.Headers, abi.Header{Name: name, Value: value})
	}
	slices.SortFunc(call.Headers, func(a, b abi.Header) int { return strings.Compare(a.Name, b.Name) })
	return call
}

// checkWebhooks walks the deliveries, and sends each connector's first one
// again with bodies that no platform sends.
func (s *suite) checkWebhooks(t *testing.T) {
	if s.manifest.Webhook == nil {
		t.Skip("the connector takes no webhooks")
	}
	c := s.connect(t, s.startSim(t), options{})
	seen := map[string]bool{}
	names := cases(t, s.dir, "webhooks")
	for _, name := range names {
		s.waivers.run(t, "webhook", name, func(t *testing.T) {
			for _, event := range s.checkDelivery(t, c, readWebhookCase(t, s.dir, name)) {
				seen[event.Type] = true
			}
		})
	}
	s.checkAnnounced(t, seen)
	s.waivers.run(t, "webhook", "signed", s.checkSigned)
	s.checkDelivered(t)
	if len(names) > 0 {
		s.checkHostileBodies(t, c, readWebhookCase(t, s.dir, names[0]))
	}
}

// checkSigned demands that somebody has looked at how deliveries are told from forged ones.
func (s *suite) checkSigned(t *testing.T) {
	t.Helper()
	if len(s.manifest.Webhook.Signatures) == 0 {
		t.Error("the connector takes webhooks and declares no signature: whoever learns the address can send events. Declare how the platform signs, " +
			"or waive this if it signs nothing")
	}
}

// checkAnnounced demands a case for every trigger that comes by webhook.
func (s *suite) checkAnnounced(t *testing.T, seen map[string]bool) {
	t.Helper()
	for _, trigger := range s.manifest.Triggers {
		if trigger.Webhook && !seen[trigger.Name] {
			s.waivers.run(t, "webhook", "coverage/"+trigger.Name, func(t *testing.T) {
				t.Errorf("no case under testdata/webhooks announces %s", trigger.Name)
			})
		}
	}
}

// checkDelivery delivers one case twice, as platforms do, and returns its events.
func (s *suite) checkDelivery(t *testing.T, c *connection, webhook *webhookCase) []abi.Event {
	t.Helper()
	began := c.platform.entries(t)
	output, fault := c.invoke(t, webhook.call(webhook.body))
	if sent := c.platform.since(t, began); len(sent) > 0 {
		t.Errorf("Receive sends %s %s: the platform waits meanwhile, and when that fails the delivery is lost. Announce what the delivery says; rules "+
			"fetch the rest", sent[0].Method, sent[0].Path)
	}
	if webhook.want.Error != nil || fault != nil {
		webhook.want.Error.check(t, fault)
		return nil
	}
	receipt := decodeReceipt(t, output)
	s.checkReceipt(t, webhook, &receipt)
	output, fault = c.invoke(t, webhook.call(webhook.body))
	if fault != nil {
		t.Fatalf("the second of two equal deliveries: %v", fault)
	}
	again := decodeReceipt(t, output)
	if diff := gocmp.Diff(dedupeKeys(receipt.Events), dedupeKeys(again.Events)); diff != "" {
		t.Errorf("the same delivery twice is not recognised as one:\n%s", diff)
	}
	return receipt.Events
}

func decodeReceipt(t *testing.T, output []byte) abi.Receipt {
	t.Helper()
	var receipt abi.Receipt
	if err := json.Unmarshal(output, &receipt); err != nil {
		t.Fatalf("reading the receipt: %v", err)
	}
	return receipt
}

func (s *suite) checkReceipt(t *testing.T, webhook *webhookCase, receipt *abi.Receipt) {
	t.Helper()
	if len(receipt.Events) != len(webhook.want.Events) {
		t.Errorf("%d events, want %d: %+v", len(receipt.Events), len(webhook.want.Events), receipt.Events)
		return
	}
	for i, event := range receipt.Events {
		text, err := json.Marshal(event)
		if err != nil {
			t.Fatal(err)
		}
		for _, fault := range subsetJSON("event", webhook.want.Events[i], text) {
			t.Error(fault)
		}
		s.checkEvent(t, &event, func(trigger *abi.Trigger) bool { return trigger.Webhook })
		checkToldApart(t, &event)
		if coarse(&event) {
			t.Errorf("the key %q tells facts of %s apart by a time without fractions: of two changes within one second the later is lost. "+
				"Take the number of the record's version instead, the time with the fractions that the platform tells, or the delivery's id if the platform's "+
				"reference says that no two facts share it; or add a hash of the body and let Also be the key without it, which polls have", event.Dedupe, event.Type)
		}
	}
	if diff := gocmp.Diff(webhook.want.Reply, receipt.Reply); diff != "" {
		t.Errorf("the reply to the platform (-want +got):\n%s", diff)
	}
}

// checkEvent checks an event against the trigger that it claims to be of.
func (s *suite) checkEvent(t *testing.T, event *abi.Event, comes func(*abi.Trigger) bool) {
	t.Helper()
	at := slices.IndexFunc(s.manifest.Triggers, func(trigger abi.Trigger) bool { return trigger.Name == event.Type })
	if at < 0 || !comes(&s.manifest.Triggers[at]) {
		t.Errorf("the event %q is of no trigger that comes this way", event.Type)
		return
	}
	if event.Subject == "" {
		t.Errorf("%s has no subject: its events could not be kept in order", event.Type)
	}
	for _, fault := range conform("data of "+event.Type, s.manifest.Triggers[at].Data, event.Data) {
		t.Error(fault)
	}
}

// repeats are the words of facts that a record has many of, in the names of triggers.
var repeats = []string{"updated", "changed", "edited", "received"}

// word is what a trigger says of its record.
func word(trigger string) string {
	_, said, _ := strings.Cut(trigger, ".")
	return said
}

// checkToldApart fails for a key that names the record alone, of a fact that comes again.
func checkToldApart(t *testing.T, event *abi.Event) {
	t.Helper()
	if event.Dedupe != "" && event.Dedupe == event.Subject && slices.Contains(repeats, word(event.Type)) {
		t.Errorf("the key %q of %s names %s alone: after the first event about it all others are dropped as repetitions. Add the number of its "+
			"version, its time of change, or the delivery's id", event.Dedupe, event.Type, event.Subject)
	}
}

// coarse says that a key is as coarse as a clock's second, or coarser: it has
// neither its fractions nor a hash behind it. That of a poll may be, and so may Also.
func coarse(event *abi.Event) bool {
	if event.Time.IsZero() {
		return false
	}
	for _, at := range []time.Time{event.Time, event.Time.UTC()} {
		_, rest, found := strings.Cut(event.Dedupe, at.Format("2006-01-02T15:04:05"))
		finer := strings.Contains(rest, "#") || (at.Nanosecond() != 0 && strings.HasPrefix(rest, "."))
		if found && !finer {
			return true
		}
	}
	return false
}

// pollKeys are what polls of what the events tell have as their keys.
func pollKeys(events []abi.Event) []string {
	polled := slices.Clone(events)
	for i := range polled {
		polled[i].Dedupe = cmp.Or(polled[i].Also, polled[i].Dedupe)
	}
	return dedupeKeys(polled)
}

// dedupeKeys is what the host recognises a repetition by.
func dedupeKeys(events []abi.Event) []string {
	keys := make([]string, 0, len(events))
	for _, event := range events {
		key := event.Type + " " + event.Dedupe
		if event.Dedupe == "" {
			key += event.Subject + string(event.Data)
		}
		keys = append(keys, key)
	}
	return keys
}
