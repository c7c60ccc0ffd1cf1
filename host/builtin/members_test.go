package builtin_test

import (
	"encoding/json"
	"log/slog"
	"strconv"
	"testing"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/builtin"
	"github.com/musubi-run/musubi/host/ledger"
	"github.com/musubi-run/musubi/host/members"
	"github.com/musubi-run/musubi/host/store/mem"
	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/commerce"
)

// openMembers are members of a channel, chat, who are linked with customers of shop by telephone number.
func openMembers(t *testing.T) *members.Members {
	t.Helper()
	now := func() time.Time { return time.Date(2026, 4, 1, 9, 0, 0, 0, time.UTC) }
	s := mem.New(now)
	l, err := ledger.Open(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	book := members.NewBook(members.Book{
		Version: "1", Links: []members.LinkRule{{Name: "friends", Channel: "chat", Cart: "shop", Keys: []members.LinkKey{{Name: members.KeyPhone}}}},
		View: func(m *commerce.Member) any { return m }, Retagged: func(any) {},
	})
	ids := 0
	return members.New(members.Options{
		Ledger: l, Store: s, Logger: slog.New(slog.DiscardHandler), Now: now, Book: func() *members.Book { return book },
		Listens: func(string) bool { return false }, Wake: func(string) {}, Model: func(_, typ string) abi.Model { return abi.Model(typ) },
		NewID: func() string { ids++; return strconv.Itoa(ids) },
	})
}

// A friend may undo the link by a button, and make it again by another.
func TestAFlowLinksAndUnlinks(t *testing.T) {
	m := openMembers(t)
	c, err := builtin.New(builtin.Members(func() *members.Members { return m }, nil))
	if err != nil {
		t.Fatal(err)
	}
	do := func(action, input string) string {
		t.Helper()
		out, err := c.Invoke(t.Context(), host.Invocation{Op: abi.OpAction, Name: action, Flow: "buttons", Input: []byte(input)})
		if err != nil {
			return abi.KindOf(err).String()
		}
		return string(out)
	}
	linked := func() int {
		t.Helper()
		var found builtin.FoundMember
		if err := json.Unmarshal([]byte(do("member.find", `{"connection":"chat","user_id":"U1"}`)), &found); err != nil || found.Member == nil {
			t.Fatal(found, err)
		}
		return len(found.Member.Customers)
	}
	friend := `{"connection":"chat","contact":{"user_id":"U1","phone":"09011112222"}}`
	customer := `{"connection":"shop","customer":{"id":"7","phone":"090-1111-2222"}}`
	do("member.observe", friend)
	do("member.observe", customer)
	if linked() != 1 {
		t.Fatal("the number links nobody")
	}
	for _, want := range []string{`{"changed":true}`, `{"changed":false}`} {
		if got := do("member.unlink", `{"connection":"shop","customer_id":"7"}`); got != want {
			t.Errorf("unlinking: %s, want %s", got, want)
		}
	}
	do("member.observe", customer)
	if linked() != 0 {
		t.Error("a rule made again what the friend undid")
	}
	for range 2 {
		if got := do("member.link", `{"id":"1","connection":"shop","customer_id":"7"}`); got != "{}" || linked() != 1 {
			t.Errorf("linking: %s, %d customers", got, linked())
		}
	}
	for _, nobody := range []string{`{"id":"9","connection":"shop","customer_id":"7"}`, `{"id":"1","connection":"shop","customer_id":"8"}`} {
		if got := do("member.link", nobody); got != abi.NotFound.String() {
			t.Errorf("%s: %s", nobody, got)
		}
	}
}
