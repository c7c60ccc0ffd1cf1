package sdk_test

import (
	"errors"
	"fmt"
	"time"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/commerce"
)

// shop is a connector with one of everything, for the tests of this package.
func shop() *sdk.Connector {
	return &sdk.Connector{
		ID: "shop", Version: "1.2.3", Title: abi.Text{EN: "Shop", JA: "ショップ"},
		Settings: sdk.Settings[settings](),
		Secrets:  []abi.Secret{{Name: "token", Doc: abi.Text{EN: "API token"}}, {Name: "hook_key", Optional: true, Doc: abi.Text{EN: "Key of the signature"}}},
		Hosts:    []string{"{base_url}", "https://files.example.com"},
		Auth:     []abi.AuthScheme{sdk.HeaderAuth("Authorization", "Bearer {token}")},
		Limits:   abi.Limits{PerSecond: 2},
		Webhook: sdk.Webhook{
			Signatures: []abi.Signature{{Type: abi.SignatureHMAC, Header: "X-Signature", Secret: "hook_key", Optional: true}},
			Pings:      []abi.Ping{{Form: []string{"webhook_id"}}},
			Receive:    receive,
		},
		Triggers: []sdk.Trigger{
			sdk.Announce[customerChange]("customer.updated", abi.Text{EN: "A customer changed", JA: "顧客が更新された"}),
			sdk.Poll[customerChange]("customer.updated", abi.Text{EN: "A customer changed", JA: "顧客が更新された"}, 5*time.Minute, poll),
			sdk.Announce[customerChange]("customer.created", abi.Text{EN: "A customer came"}).Deprecate("use customer.updated"),
		},
		Actions: []sdk.Action{
			sdk.Read("customer.get", abi.Text{EN: "Fetch one customer", JA: "顧客を1件取得する"}, getCustomer),
			sdk.Do("note.add", abi.Text{EN: "Add a note"}, addNote).Confirm(findNote),
			sdk.Do("stock.set", abi.Text{EN: "Set stock"}, setStock).Idempotent(),
			sdk.Read("word.recall", abi.Text{EN: "Recall the word before and keep this one"}, recall),
			sdk.Read("zone.get", abi.Text{EN: "Read the setting"}, func(call *sdk.Call, _ struct{}) (settings, error) { return sdk.SettingsOf[settings](call) }),
			sdk.Read("nil.read", abi.Text{EN: "Panic"}, func(_ *sdk.Call, in *noteInput) (string, error) { return in.Text, nil }),
		},
		Records: &sdk.Records{
			Search: func(*sdk.Call, abi.RecordQuery) (abi.RecordList, error) { return abi.RecordList{}, nil },
			Create: func(*sdk.Call, abi.RecordDraft) (abi.RecordRef, error) { return abi.RecordRef{ID: "1"}, nil },
			Update: func(*sdk.Call, abi.RecordChange) (abi.RecordRef, error) { return abi.RecordRef{ID: "1"}, nil },
		},
	}
}

type settings struct {
	BaseURL string `json:"base_url" format:"uri" doc:"Where the shop is" ja:"ショップのURL"`
	Zone    string `json:"zone" enum:"jp,us" default:"jp" doc:"Which zone"`
	Pages   *int64 `json:"pages,omitempty" doc:"How many pages"`
}

type customerChange struct {
	ID    string `json:"id" doc:"The customer's id" ja:"顧客ID"`
	State string `json:"state,omitempty" doc:"Its state"`
}

type customerInput struct {
	ID string `json:"id" doc:"The customer's id" ja:"顧客ID"`
}

func getCustomer(call *sdk.Call, in customerInput) (commerce.Customer, error) {
	var c commerce.Customer
	if err := call.Get("/customers/%s.json", in.ID).Query("include", "address").Into(&c); err != nil {
		return c, fmt.Errorf("fetching customer %s: %w", in.ID, err)
	}
	return c, nil
}

type noteInput struct {
	Text string `json:"text" doc:"The text"`
}

type note struct {
	ID   string `json:"id" doc:"The note's id"`
	Text string `json:"text" doc:"The text"`
}

func addNote(call *sdk.Call, in noteInput) (out note, err error) {
	err = call.Post("/notes").Header("Idempotency-Key", call.IdempotencyKey()).JSON(in).Into(&out)
	return out, err
}

func findNote(call *sdk.Call, in noteInput) (out note, done bool, err error) {
	var found []note
	err = call.Get("/notes").Query("since", call.Since().Format(time.RFC3339)).Query("text", in.Text).Into(&found)
	if err != nil || len(found) == 0 {
		return out, false, err
	}
	return found[0], true, nil
}

func setStock(call *sdk.Call, in struct {
	SKU   string `json:"sku" doc:"Stock keeping unit"`
	Stock int64  `json:"stock" doc:"Pieces"`
},
) (struct{}, error) {
	_, err := call.Put("/stock/%s", in.SKU).JSON(map[string]any{"stock": in.Stock}).Send()
	return struct{}{}, err
}

func recall(call *sdk.Call, in noteInput) (noteInput, error) {
	before, _, err := call.State("word")
	call.Log(abi.LevelInfo, "word kept", "length", len(in.Text))
	return noteInput{Text: string(before)}, errors.Join(err, call.SetState("word", []byte(in.Text)))
}

func receive(call *sdk.Call, d sdk.Delivery) (sdk.Receipt, error) {
	var change customerChange
	if err := d.JSON(&change); err != nil {
		return sdk.Receipt{}, err
	}
	if d.Header("x-event") == "ping" {
		return sdk.Receipt{Reply: &abi.HookReply{Status: 200, Body: d.Query}}, nil
	}
	event, err := sdk.NewEvent("customer.updated", change.ID, d.Header("X-Delivery"), call.Now(), change)
	return sdk.Receipt{Events: []abi.Event{event}}, err
}

func poll(_ *sdk.Call, in abi.PollInput) (abi.PollPage, error) {
	return abi.PollPage{Cursor: in.Cursor}, nil
}
