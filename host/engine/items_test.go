package engine_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/sdk/abi"
)

// several makes records of four customers at once, with a few attempts.
const several = `language: 1
flow: several
on: {connection: shop, event: customer.updated}
retry: {attempts: 5}
steps:
  - id: all
    foreach: "['0', '1', '2', '3']"
    as: customer
    concurrency: 4
    steps:
      - call: crm.record.create
        with: {object: Account, fields: {Mail: "${customer}", N: "${customer}"}}
`

// Two items that are never taken fail by turns: the run's attempts come to an
// end all the same.
func TestAttemptsEndWhicheverItemFailsLast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform()
		refused := refuse("1", "3")
		p.fault = func(in host.Invocation) error {
			if refused(in) == nil {
				return nil
			}
			return &abi.Error{Kind: abi.RateLimited, Code: abi.CodeEndpointLimit, Message: "busy"}
		}
		r := boot(t, memory(t), p, several)
		defer r.stop()
		const runs = 20
		for n := range runs {
			r.deliver(strconv.Itoa(n), n)
			time.Sleep(24 * time.Hour)
		}
		if failed := len(r.runs(host.RunFilter{State: host.RunFailed})); failed != runs {
			t.Errorf("%d of %d runs failed", failed, runs)
		}
		if calls := p.count("crm.record.create:action"); calls > runs*(2+2*5) {
			t.Errorf("%d calls; with 5 attempts each there are %d", calls, runs*(2+2*5))
		}
	})
}

// visits makes records of four customers; one may end the run, one have it wait.
const visits = `language: 1
flow: visits
on: {connection: shop, event: customer.updated}
steps:
  - id: all
    foreach: "['0', '1', '2', '3']"
    as: customer
    %s
    steps:
      - if: customer == '%s'
        then:
          - stop: the list is over
      - if: customer == '%s'
        then:
          - wait: {for: 30d}
      - call: crm.record.create
        with: {object: Account, fields: {Mail: "${customer}", N: "${customer}"}}
`

// An item that failed is told of, whatever the items behind it do.
func TestFailedItemIsNotHiddenByOthers(t *testing.T) {
	for name, flow := range map[string]string{
		"a stop behind it":              fmt.Sprintf(visits, "on_error: continue", "2", "none"),
		"a stop beside it":              fmt.Sprintf(visits, "concurrency: 4", "2", "none"),
		"a wait beside it":              fmt.Sprintf(visits, "concurrency: 4", "none", "3"),
		"a stop, and a wait before all": fmt.Sprintf(visits, "on_error: continue", "2", "0"),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newPlatform()
				p.fault = refuse("1")
				r := boot(t, memory(t), p, flow)
				defer r.stop()
				r.deliver("1", 1)
				if strings.Contains(name, "before") {
					time.Sleep(31 * 24 * time.Hour)
				}
				time.Sleep(time.Minute)
				if run := r.runs(host.RunFilter{})[0]; run.State != host.RunFailed || run.Error.Message != "no 1" {
					t.Errorf("the run is %s (%s): %v", run.State, run.Outcome, run.Error)
				}
			})
		})
	}
}
