package egress

import (
	"context"
	"net/url"
	"strings"
	"time"

	"golang.org/x/time/rate"

	"github.com/musubi-run/musubi/sdk/abi"
)

// portioned keeps single endpoints to what the platform takes there. A request
// waits for its turn up to a bound; beyond it the request is refused with the
// delay, and the connection's other requests go on.
type portioned struct {
	next     sender
	clock    func() time.Time
	maxWait  time.Duration
	base     string // the path of base_url
	portions []portion
}

// portion is one endpoint's allowance. The bucket holds all of it, so that
// requests go out at once until it is empty and then one by one.
type portion struct {
	abi.EndpointLimit

	method string
	path   []string
	bucket *rate.Limiter
}

func newPortioned(next sender, o *Options, n names) *portioned {
	p := &portioned{next: next, clock: o.Clock, maxWait: o.Limits.MaxWait}
	if u, err := url.Parse(n["base_url"]); err == nil {
		p.base = strings.TrimSuffix(u.EscapedPath(), "/")
	}
	for _, limit := range o.Rate.Endpoints {
		method, path, _ := strings.Cut(limit.Match, " ")
		every := time.Duration(limit.Seconds) * time.Second / time.Duration(limit.Requests)
		p.portions = append(p.portions, portion{limit, method, strings.Split(path, "/"), rate.NewLimiter(rate.Every(every), limit.Requests)})
	}
	return p
}

func (p *portioned) send(ctx context.Context, h *hop) *abi.Response {
	of := p.of(h)
	if of == nil {
		return p.next.send(ctx, h)
	}
	turn := of.bucket.ReserveN(p.clock(), 1)
	if refusal := p.await(ctx, of, turn.DelayFrom(p.clock())); refusal != nil {
		turn.CancelAt(p.clock())
		return refusal
	}
	response := p.next.send(ctx, h)
	if response.Err != nil && response.Err.Kind == abi.RateLimited { // it was not sent: the platform's own 429 is a status
		of.bucket.ReserveN(p.clock(), -1)
	}
	return response
}

func (p *portioned) await(ctx context.Context, of *portion, wait time.Duration) *abi.Response {
	if wait <= 0 {
		return nil
	}
	if wait > p.maxWait {
		return of.refuse(wait)
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return cutShort()
	}
}

// of returns the portion that a request belongs to, nil if there is none.
func (p *portioned) of(h *hop) *portion {
	if len(p.portions) == 0 {
		return nil
	}
	path := strings.Split(strings.TrimPrefix(h.url.EscapedPath(), p.base), "/")
	for i := range p.portions {
		if of := &p.portions[i]; (of.method == "*" || of.method == h.method) && matches(of.path, path) {
			return of
		}
	}
	return nil
}

// matches compares a pattern with a path, segment by segment.
func matches(pattern, path []string) bool {
	for i, want := range pattern {
		switch {
		case i >= len(path):
			return false
		case want == "{...}":
			return true
		case !fits(want, path[i]):
			return false
		}
	}
	return len(path) == len(pattern)
}

// fits compares one segment: what stands around {name} must be there, and
// something in its place.
func fits(want, segment string) bool {
	begin, end := strings.IndexByte(want, '{'), strings.LastIndexByte(want, '}')
	if begin < 0 || end < begin {
		return want == segment
	}
	before, after := want[:begin], want[end+1:]
	return len(segment) > len(before)+len(after) && strings.HasPrefix(segment, before) && strings.HasSuffix(segment, after)
}

func (p *portion) refuse(wait time.Duration) *abi.Response {
	response := tooFast(wait, "the platform takes %d requests in %s at %s", p.Requests, time.Duration(p.Seconds)*time.Second, p.Match)
	response.Err.Code = abi.CodeEndpointLimit
	return response
}
