package app

import (
	"sync/atomic"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/members"
	"github.com/musubi-run/musubi/rules"
	"github.com/musubi-run/musubi/sdk/abi"
)

// openMembers makes members ready. The rules about them are those of the
// rulebook, whatever is in force.
func (a *App) openMembers(newID func() string) {
	var last atomic.Pointer[memberBook]
	models := modelsOf(a.catalog)
	a.members = members.New(members.Options{
		Ledger: a.ledger, Store: a.store, Logger: a.log, Now: a.opts.Now, NewID: newID,
		Book:    func() *members.Book { return bookOf(&last, a.rules.Current()) },
		Listens: func(event string) bool { return len(a.rules.Current().On(host.Builtin, event)) > 0 },
		Model:   func(connection, event string) abi.Model { return models[announced{connection, event}] },
		Wake:    func(event string) { a.engine.Wake(event) },
	})
}

// memberBook is what one set of rules says about members.
type memberBook struct {
	set  *rules.Set
	book *members.Book
}

// bookOf reads the set once.
func bookOf(last *atomic.Pointer[memberBook], set *rules.Set) *members.Book {
	if known := last.Load(); known != nil && known.set == set {
		return known.book
	}
	fresh := &memberBook{set, members.BookOf(set)}
	last.Store(fresh)
	return fresh.book
}

type announced struct{ connection, event string }

// modelsOf lists which events are of the shared model.
func modelsOf(c *rules.Catalog) map[announced]abi.Model {
	models := make(map[announced]abi.Model)
	for name, connection := range c.Connections {
		for _, t := range connection.Manifest.Triggers {
			if t.Model != "" {
				models[announced{name, t.Name}] = t.Model
			}
		}
	}
	return models
}
