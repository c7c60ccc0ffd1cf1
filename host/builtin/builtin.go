// Package builtin is the host's own connector: what the host itself announces
// and can do, declared with types like any other connector's triggers and
// actions, so that rules are checked against it in the same way. It runs in the
// host instead of the sandbox. Its connection is [host.Builtin], always there
// and never configured:
//
//	on: {connection: musubi, event: run.failed}
//
// What it is made of are parts, one for each side of the host that has something
// to say. A part names its triggers with [Announce] and its actions with [Read]
// and [Do]; whoever makes the events puts them into the commit that they belong to.
package builtin

import (
	"context"
	"errors"
	"fmt"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/commerce"
)

// version is the built-in connector's own: rules name nothing by it.
const version = "1.0.0"

// Part is one side of the host, with what it announces and what it can do.
type Part struct {
	Triggers []Trigger
	Actions  []Action
}

// Trigger is something that the host announces, made by [Announce].
type Trigger struct {
	name   string
	title  abi.Text
	schema func() (*abi.Schema, error)
}

// Announce declares a trigger, noun.past, whose events carry a T.
func Announce[T any](name string, title abi.Text) Trigger {
	return Trigger{name: name, title: title, schema: sdk.SchemaOf[T]}
}

// Connector is the built-in connector. It is safe for concurrent use.
type Connector struct {
	manifest *abi.Manifest
	member   *abi.Schema
	actions  map[string]Action
}

// New puts the parts together. The error lists everything that is wrong with
// their declarations.
func New(parts ...Part) (*Connector, error) {
	c := &Connector{
		manifest: &abi.Manifest{
			ABI: abi.Version, ID: host.Builtin, Version: version,
			Title:    abi.Text{EN: "Musubi itself", JA: "Musubi自身"},
			Settings: &abi.Schema{Type: abi.TypeObject},
		},
		actions: make(map[string]Action),
	}
	var faults []error
	var err error
	if c.member, err = commerce.MemberSchema(); err != nil {
		faults = append(faults, fmt.Errorf("shape of a member: %w", err))
	}
	for _, part := range parts {
		faults = append(faults, c.triggers(part.Triggers), c.declare(part.Actions))
	}
	return c, errors.Join(faults...)
}

func (c *Connector) triggers(triggers []Trigger) error {
	var faults []error
	for _, t := range triggers {
		data, err := t.schema()
		if err != nil {
			faults = append(faults, fmt.Errorf("data of %s: %w", t.name, err))
		}
		c.manifest.Triggers = append(c.manifest.Triggers, abi.Trigger{Name: t.name, Title: t.title, Data: data})
	}
	return errors.Join(faults...)
}

func (c *Connector) declare(actions []Action) error {
	var faults []error
	for _, a := range actions {
		described, err := a.describe()
		faults = append(faults, err)
		if _, twice := c.actions[described.Name]; twice {
			faults = append(faults, fmt.Errorf("action %s is declared twice", described.Name))
		}
		c.manifest.Actions = append(c.manifest.Actions, described)
		c.actions[described.Name] = a
	}
	return errors.Join(faults...)
}

// Manifest is what rules are checked against. It must not be changed.
func (c *Connector) Manifest() *abi.Manifest { return c.manifest }

// Member is the shape of a member, for rules that speak of members. It must not be changed.
func (c *Connector) Member() *abi.Schema { return c.member }

// Invoke calls an action. Every error is an *abi.Error.
func (c *Connector) Invoke(ctx context.Context, in host.Invocation) ([]byte, error) {
	action, known := c.actions[in.Name]
	if in.Op != abi.OpAction || !known {
		return nil, &abi.Error{Kind: abi.Unsupported, Message: fmt.Sprintf("the host has no %s %s", in.Op, in.Name)}
	}
	output, err := action.run(ctx, in)
	if err != nil {
		return nil, abi.AsError(err)
	}
	return output, nil
}
