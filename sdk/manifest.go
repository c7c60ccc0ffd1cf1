package sdk

import (
	"errors"
	"fmt"
	"reflect"
	"time"

	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/commerce"
	"github.com/musubi-run/musubi/sdk/internal/schema"
)

// Manifest returns the connector as data, derived from its declaration and
// validated. The error lists everything that is wrong with it.
func (c *Connector) Manifest() (*abi.Manifest, error) {
	m, err := c.manifest()
	if err != nil {
		return nil, err
	}
	if err := m.Validate(); err != nil {
		return nil, err
	}
	return m, nil
}

// manifest is Manifest without the validation. Plugins leave that to the
// builder and the host, which do it anyway: it would be 2 % of every plugin.
func (c *Connector) manifest() (*abi.Manifest, error) {
	m := &abi.Manifest{
		ABI: abi.Version, ID: c.ID, Version: c.Version, Title: c.Title,
		Secrets: c.Secrets, Hosts: c.Hosts, Auth: c.Auth, Limits: c.Limits,
	}
	var err error
	if m.Settings, err = c.Settings.schema(); err != nil {
		return nil, fmt.Errorf("settings: %w", err)
	}
	if c.Webhook.Receive != nil {
		m.Webhook = &abi.Webhook{Signatures: c.Webhook.Signatures, MaxBody: c.Webhook.MaxBody, Pings: c.Webhook.Pings}
	}
	if m.Triggers, err = c.describeTriggers(); err != nil {
		return nil, err
	}
	if m.Actions, err = c.describeActions(); err != nil {
		return nil, err
	}
	if c.Records != nil {
		if c.Records.Search == nil || c.Records.Create == nil || c.Records.Update == nil {
			return nil, errors.New("records: Search, Create and Update are all needed")
		}
		m.Records = &abi.Records{Search: recordSearch, Create: recordCreate, Update: recordUpdate}
		if c.Records.Describe != nil {
			m.Records.Describe = recordDescribe
		}
	}
	return m, nil
}

func (c *Connector) describeActions() ([]abi.Action, error) {
	all := c.allActions()
	described := make([]abi.Action, 0, len(all))
	for _, declared := range all {
		a := declared.declare()
		input, err := schema.Of(a.input)
		if err != nil {
			return nil, fmt.Errorf("input of %s: %w", a.name, err)
		}
		output, err := schema.Of(a.output)
		if err != nil {
			return nil, fmt.Errorf("output of %s: %w", a.name, err)
		}
		described = append(described, abi.Action{
			Name: a.name, Title: a.title, Input: input, Output: output,
			Reads: a.reads, Idempotent: a.idempotent, IdempotentFor: int(a.idempotentFor.Seconds()), Confirms: a.confirm != nil, Pages: a.pages,
		})
	}
	return described, nil
}

// describeTriggers folds a webhook and a poll of one name into one trigger.
func (c *Connector) describeTriggers() ([]abi.Trigger, error) {
	var described []abi.Trigger
	index := map[string]int{}
	types := map[string]reflect.Type{}
	for _, t := range c.Triggers {
		at, seen := index[t.name]
		if !seen {
			data, err := schema.Of(t.data)
			if err != nil {
				return nil, fmt.Errorf("data of %s: %w", t.name, err)
			}
			at = len(described)
			index[t.name], types[t.name] = at, t.data
			described = append(described, abi.Trigger{Name: t.name, Title: t.title, Data: data, Model: modelOf(t.data)})
		}
		if types[t.name] != t.data {
			return nil, fmt.Errorf("trigger %s: webhook and poll have different data, %s and %s", t.name, types[t.name], t.data)
		}
		if err := t.addTo(&described[at]); err != nil {
			return nil, err
		}
	}
	return described, nil
}

// modelOf says which type of the shared model t is, or extends.
func modelOf(t reflect.Type) abi.Model {
	if m, ok := reflect.Zero(t).Interface().(commerce.Modelled); ok && t.Kind() == reflect.Struct {
		return m.SharedModel()
	}
	return ""
}

// addTo adds one way of coming to the trigger.
func (t Trigger) addTo(described *abi.Trigger) error {
	if (t.webhook && described.Webhook) || (t.poll != nil && described.Poll) {
		return fmt.Errorf("trigger %s is declared twice", t.name)
	}
	described.Webhook = described.Webhook || t.webhook
	if t.poll != nil {
		described.Poll, described.IntervalSeconds = true, int(t.interval/time.Second)
	}
	if t.deprecated != "" {
		described.Deprecated = t.deprecated
	}
	return nil
}
