package engine_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/sdk/abi"
)

const onCustomer = "language: 1\nflow: itself\non: {connection: shop, event: customer.updated}\nsteps:\n"

// writes are a flow's steps that change the record with these ids.
func writes(ids ...string) string {
	var b strings.Builder
	for _, id := range ids {
		fmt.Fprintf(&b, "  - call: shop.record.update\n    with: {object: \"12\", id: \"%s\", fields: {N: \"${string(event.data.n)}\"}}\n", id)
	}
	return b.String()
}

// echoes plays a platform that tells of each write to the shop: every run that
// ends has it announce the record as often as the run wrote. It returns how many
// runs were done before one was cut, at most so many.
func echoes(t *testing.T, steps string, echo func(n int) string, times, most int, fault func(host.Invocation) error) (done int, cut bool) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform()
		p.delay = time.Millisecond
		if fault != nil {
			p.fault = fault
		}
		r := boot(t, memory(t), p, onCustomer+steps)
		defer r.stop()
		n := 1
		r.receive(echo(n))
		for done < most {
			state := <-r.ended
			if state == host.RunWaiting {
				continue
			}
			done++
			if state == host.RunFailed {
				failed := r.runs(host.RunFilter{State: host.RunFailed})[0].Error
				if failed.Code != host.CodeLoop {
					t.Errorf("failed: %v", failed)
				}
				cut = true
				return
			}
			for range times {
				n++
				r.receive(echo(n))
			}
		}
	})
	return done, cut
}

func named(subject, id string) func(int) string {
	return func(n int) string { return fmt.Sprintf(`{"subject":%q,"id":%q,"n":%d}`, subject, id, n) }
}

// A flow writes to the record that its event is about, however the two name it.
func TestFlowThatStartsItselfIsCut(t *testing.T) {
	tooMuch := func() func(host.Invocation) error {
		calls := 0
		return func(host.Invocation) error {
			if calls++; calls%2 == 1 {
				return &abi.Error{Kind: abi.RateLimited, Message: "slower", RetryAfterMS: 1000}
			}
			return nil
		}
	}
	for name, c := range map[string]struct {
		steps string
		echo  func(int) string
		times int
		most  int
		fault func(host.Invocation) error
	}{
		"the same name":                {writes("${event.subject}"), named("346", "346"), 1, 100, nil},
		"a subject that says more":     {writes("346"), named("12/346", "x"), 1, 100, nil},
		"an id that says more":         {writes("gid://shop/Customer/346"), named("346", "346"), 1, 100, nil},
		"the id in the data":           {writes("${event.data.id}"), named("number 346", "346"), 1, 100, nil},
		"two writes":                   {writes("346", "346"), named("12/346", "346"), 1, 100, nil},
		"two writes, told of twice":    {writes("346", "346"), named("12/346", "346"), 2, 1000, nil},
		"a name that nobody knows":     {writes("one"), named("12/346", "346"), 1, 1000, nil},
		"a path that names it":         {"  - call: shop.order.send\n    with: {path: customers/346, json: {N: \"${string(event.data.n)}\"}}\n", named("12/346", "x"), 1, 1000, nil},
		"an upsert without a link":     {"  - upsert: shop\n    object: Customer\n    match: {Mail: m}\n    set: {Mail: m, N: \"${string(event.data.n)}\"}\n", named("A1", "A1"), 1, 100, nil},
		"at the second attempt always": {writes("346"), named("12/346", "346"), 1, 100, tooMuch()},
	} {
		t.Run(name, func(t *testing.T) {
			if done, cut := echoes(t, c.steps, c.echo, c.times, c.most, c.fault); !cut || done < 60 {
				t.Errorf("%d runs were done, cut: %t", done, cut)
			}
		})
	}
}

// Events of a kind that have one subject, whose flow writes to another record
// each time, and many changes of records that another connection is told of, are none.
func TestManyEventsOfOneSubjectAreNoLoop(t *testing.T) {
	for name, c := range map[string]struct {
		steps string
		echo  func(int) string
	}{
		"another record each time":      {writes("${event.data.id}"), func(n int) string { return named("coupon", fmt.Sprint(n))(n) }},
		"another app, one number ahead": {writes("${string(event.data.n + 1)}"), func(n int) string { return named(fmt.Sprintf("13/%d", n), "")(n) }},
		"another object each time":      {"  - call: shop.order.send\n    with: {path: orders, json: {id: \"${string(event.data.n)}\"}}\n", named("webhook", "x")},
		"another connection":            {strings.ReplaceAll(writes("346"), "shop.", "crm."), named("12/346", "346")},
	} {
		t.Run(name, func(t *testing.T) {
			if done, cut := echoes(t, c.steps, c.echo, 1, 1500, nil); cut {
				t.Errorf("it was cut after %d runs", done)
			}
		})
	}
}
