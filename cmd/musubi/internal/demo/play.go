package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/mattn/go-runewidth"

	"github.com/musubi-run/musubi/host"

	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/simkit"
)

// The people of the demo, customers of the simulated shop.
const (
	firstCustomer = "30511"
	knownCustomer = "30512"
	thirdCustomer = "30513"
)

const event = "customer_updated"

// customer is what the demo reads of a shop's customer.
type customer struct {
	ID    json.Number `json:"id"`
	Email string      `json:"email"`
}

// account is what the demo reads of a CRM's record.
type account struct {
	ID   string `json:"Id"`
	Name string `json:"Name"`
	Mail string `json:"Mail__c"`
}

// play lets things happen at the shop, one after the other, and tells what became of each.
func (d *demo) play(ctx context.Context, s *stage) error {
	d.say("\nWhat happens:\n", "\n起きること:\n")
	known, err := d.customer(ctx, s, knownCustomer)
	if err != nil {
		return err
	}
	// One customer is in the CRM already, entered by hand.
	if err := s.crm.PutRecord(ctx, "Account", "001xx0000000991AAA", map[string]any{
		"Name": "手入力のお客様", "Mail__c": known.Email,
	}); err != nil {
		return fmt.Errorf("entering an account by hand: %w", err)
	}
	for _, scene := range []func(context.Context, *stage) error{
		d.newCustomers, d.changedCustomer, d.repeatedDelivery, d.unreadableDelivery,
	} {
		if err := scene(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

func (d *demo) customer(ctx context.Context, s *stage, id string) (customer, error) {
	var all []customer
	if err := s.shop.Records(ctx, "customers", &all); err != nil {
		return customer{}, fmt.Errorf("reading the shop's customers: %w", err)
	}
	for _, c := range all {
		if c.ID.String() == id {
			return c, nil
		}
	}
	return customer{}, fmt.Errorf("the simulated shop has no customer %s", id)
}

func (d *demo) newCustomers(ctx context.Context, s *stage) error {
	for _, id := range []string{firstCustomer, knownCustomer, thirdCustomer} {
		if err := d.deliver(ctx, s, simkit.Delivery{Event: event, ID: id}); err != nil {
			return err
		}
		if err := d.tellRun(ctx, s, id); err != nil {
			return err
		}
	}
	return nil
}

func (d *demo) changedCustomer(ctx context.Context, s *stage) error {
	// The shop's staff corrects the e-mail address; the shop sends its webhook by itself.
	if err := s.shop.PutRecord(ctx, "customers", firstCustomer, map[string]any{"email": "hanako.new@example.com"}); err != nil {
		return fmt.Errorf("changing a customer: %w", err)
	}
	if _, err := s.shop.Sent(ctx); err != nil {
		return fmt.Errorf("waiting for the shop's webhook: %w", err)
	}
	return d.tellRun(ctx, s, firstCustomer)
}

func (d *demo) repeatedDelivery(ctx context.Context, s *stage) error {
	before, err := d.newest(ctx, s, thirdCustomer)
	if err != nil {
		return err
	}
	if err := d.deliver(ctx, s, simkit.Delivery{Event: event, ID: thirdCustomer}); err != nil {
		return err
	}
	after, err := d.newest(ctx, s, thirdCustomer)
	if err != nil {
		return err
	}
	if before != after {
		return fmt.Errorf("the same delivery was taken for a new event: %s after %s", after, before)
	}
	d.happened(
		abi.Text{EN: "customer " + thirdCustomer + ", the same delivery again", JA: "顧客 " + thirdCustomer + "、同じ通知がもう一度"},
		abi.Text{EN: "duplicate ignored, nothing was done twice", JA: "重複として無視(二重処理なし)"})
	return nil
}

func (d *demo) unreadableDelivery(ctx context.Context, s *stage) error {
	// A quote in an address breaks the JSON of templates that escape nothing.
	broken := `{"customer":{"id":"30514","addr01":"神宮前"1-2-3"}}`
	if err := d.deliver(ctx, s, simkit.Delivery{Event: event, Body: broken}); err != nil {
		return err
	}
	dead, err := s.host.Operator().DeadLetters(ctx, host.EventFilter{Connection: "shop"})
	if err != nil {
		return err
	}
	if len(dead) != 1 || string(dead[0].Delivery.Body) != broken {
		return fmt.Errorf("the delivery that cannot be read was not kept as it came: %d kept", len(dead))
	}
	d.happened(
		abi.Text{EN: "a delivery that cannot be read", JA: "読めない通知"},
		abi.Text{EN: "kept for inspection as " + dead[0].ID, JA: "確認用に保管 " + dead[0].ID})
	return nil
}

// deliver has the shop send a webhook and demands the host's 200.
func (d *demo) deliver(ctx context.Context, s *stage, delivery simkit.Delivery) error {
	answer, err := s.shop.Deliver(ctx, delivery)
	if err != nil {
		return fmt.Errorf("having the shop send a webhook: %w", err)
	}
	if answer.Status != 200 {
		return fmt.Errorf("the host answered the webhook with %d: %s", answer.Status, answer.Body)
	}
	return nil
}

// newest returns the id of the newest event about a customer.
func (d *demo) newest(ctx context.Context, s *stage, id string) (string, error) {
	events, err := s.host.Operator().Events(ctx, host.EventFilter{Connection: "shop", Subject: id, Limit: 1})
	if err != nil || len(events) == 0 {
		return "", err
	}
	return events[0].ID, nil
}

const (
	patience = 30 * time.Second
	look     = 20 * time.Millisecond
)

// tellRun waits for the run of the newest event about a customer and says what it did.
func (d *demo) tellRun(ctx context.Context, s *stage, id string) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	tick := time.NewTicker(look)
	defer tick.Stop()
	for {
		runs, err := s.host.Operator().Runs(ctx, host.RunFilter{Subject: id, Limit: 1})
		if err != nil {
			return err
		}
		if len(runs) == 1 && d.isOfNewest(ctx, s, &runs[0]) && !runs[0].State.Open() {
			return d.tell(ctx, s, &runs[0])
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waiting for the run about customer %s: %w", id, ctx.Err())
		case <-tick.C:
		}
	}
}

func (d *demo) isOfNewest(ctx context.Context, s *stage, run *host.Run) bool {
	newest, err := d.newest(ctx, s, run.Subject)
	return err == nil && newest == run.Event
}

func (d *demo) tell(ctx context.Context, s *stage, run *host.Run) error {
	if run.State != host.RunDone {
		return fmt.Errorf("the run about customer %s is %s: %w", run.Subject, run.State, run.Error)
	}
	_, steps, err := s.host.Operator().Run(ctx, run.ID)
	if err != nil {
		return err
	}
	var result struct {
		ID      string `json:"id"`
		Created bool   `json:"created"`
	}
	for _, step := range steps {
		if step.Call == "crm.record.create" || step.Call == "crm.record.update" {
			if err := json.Unmarshal(step.Output, &result); err != nil {
				return fmt.Errorf("reading the journal of run %s: %w", run.ID, err)
			}
		}
	}
	took := run.Ended.Sub(run.Created).Round(time.Millisecond)
	what := abi.Text{EN: "record updated", JA: "レコードを更新"}
	if result.Created {
		what = abi.Text{EN: "record created", JA: "レコードを作成"}
	}
	tail := fmt.Sprintf(": Account %s (%s)", result.ID, took)
	d.happened(
		abi.Text{EN: "customer " + run.Subject, JA: "顧客 " + run.Subject},
		abi.Text{EN: what.EN + tail, JA: what.JA + tail})
	return nil
}

// terminal measures text as a terminal shows it.
var terminal = &runewidth.Condition{StrictEmojiNeutral: true}

// columns is how wide the left part of a line is, in character cells.
const columns = 46

// happened prints what came and what became of it.
func (d *demo) happened(came, became abi.Text) {
	left := d.Lang.Pick(came)
	fmt.Fprintf(d.Out, "  %s%*s%s\n", left, max(1, columns-terminal.StringWidth(left)), "", d.Lang.Pick(became))
}
