package sdk

import "github.com/musubi-run/musubi/sdk/abi"

type pollFunc = func(*Call, abi.PollInput) (abi.PollPage, error)

// handlers are a connector's handlers by name, made at the first call.
type handlers struct {
	actions map[string]*action
	polls   map[string]pollFunc
}

func (i *Instance) action(name string) (*action, bool) {
	if i.handlers.actions == nil {
		i.handlers.actions = map[string]*action{}
		for _, a := range i.connector.allActions() {
			declared := a.declare()
			i.handlers.actions[declared.name] = declared
		}
	}
	a, ok := i.handlers.actions[name]
	return a, ok
}

func (i *Instance) polled(name string) (pollFunc, bool) {
	if i.handlers.polls == nil {
		i.handlers.polls = map[string]pollFunc{}
		for _, t := range i.connector.Triggers {
			if t.poll != nil {
				i.handlers.polls[t.name] = t.poll
			}
		}
	}
	fetch, ok := i.handlers.polls[name]
	return fetch, ok
}

// allActions returns the declared actions and those that Records becomes.
func (c *Connector) allActions() []Action {
	if c.Records == nil {
		return c.Actions
	}
	return append(c.Records.actions(), c.Actions...)
}
