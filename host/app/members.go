package app

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/formlink"
	"github.com/musubi-run/musubi/host/members"
	"github.com/musubi-run/musubi/host/web"
	"github.com/musubi-run/musubi/host/web/api"
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

// formPath is where a form's key stands in the configuration.
func formPath(name string) string { return "forms." + name + ".key" }

// formKey is what the form's links are signed with.
func (a *App) formKey(name string) []byte {
	key, _ := a.secret(formPath(name))
	return []byte(key)
}

// webForms are the forms that members may send.
func (a *App) webForms() []web.Form {
	var forms []web.Form
	for name, f := range a.cfg.Forms {
		forms = append(forms, web.Form{Name: name, Key: a.formKey(name), Tag: f.Tag, Origins: f.Origins, PerMinute: f.PerMinute})
	}
	return forms
}

// formLink makes a member's address of a form. Without public_url nobody could
// open it: that is an error of kind Config, as is a form that there is not.
func (a *App) formLink(form, member string, validFor time.Duration) (string, error) {
	f := a.cfg.Forms[form]
	switch {
	case f == nil:
		return "", &abi.Error{Kind: abi.Config, Message: fmt.Sprintf("there is no form %q in the configuration", form)}
	case a.cfg.PublicURL == "":
		return "", &abi.Error{Kind: abi.Config, Message: "public_url is not configured: nobody could open the form"}
	}
	token := formlink.Token(a.formKey(form), form, member, a.opts.Now().Add(validFor))
	return strings.TrimSuffix(a.cfg.PublicURL, "/") + "/forms/" + form + "?t=" + token, nil
}

// TakeForm keeps what a member sent by a form.
func (d memberDesk) TakeForm(ctx context.Context, form string, who api.FormMember, said api.MemberDetails, tag string) error {
	cause := host.Cause{By: host.ByForm, Name: form}
	id := who.Member
	if id == "" {
		var err error
		if id, err = d.app.members.Friend(ctx, cause, who.Connection, who.UserID); err != nil {
			return err
		}
	}
	if said == (api.MemberDetails{}) {
		return refusal("the form is empty", "フォームに何も入力されていません")
	}
	if err := d.app.members.Describe(ctx, cause, id, members.Details(said)); err != nil || tag == "" {
		return err
	}
	_, err := d.app.members.Tag(ctx, cause, []string{id}, tag)
	return err
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
