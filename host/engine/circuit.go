package engine

import (
	"sync"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/sdk/abi"
)

const (
	// tripAfter is how many calls in a row must fail before a connection is taken for down.
	tripAfter = 5
	// firstPause is how long a connection that is down is left alone; each
	// further failure doubles it up to longestPause.
	firstPause   = 5 * time.Second
	longestPause = 5 * time.Minute
	// parkedProbe is how often a refused credential is tried again by itself.
	parkedProbe = 10 * time.Minute
)

// circuit decides whether a connection may be called. It learns only from what
// calls report: a platform that answers works, whatever it answers.
type circuit struct {
	mu       sync.Mutex
	state    host.ConnectionState
	failures int
	pause    time.Duration
	// since is when the pause under way began, until when it ends.
	since, until time.Time
	err          *abi.Error
	probing      bool
	// prober is the run that was released last to see. Only tend uses it.
	prober string
	// shuts counts how often the circuit shut, resumed how often a person said
	// that the connection works.
	shuts, resumed int
	// proven says that a call showed the connection to work since it was shut;
	// told is the state that was kept for people last, and announced says that
	// they were told of it.
	proven    bool
	told      host.ConnectionState
	announced bool
}

// pass lets one call out. It says how the circuit stood then, because what a
// call tells of a platform may be older than what is known by the time it ends.
type pass struct {
	shuts, resumed int
	probe          bool
}

// news returns the state that people have not been told of. A platform that
// asks to slow down is no news.
func (c *circuit) news() (host.ConnectionStatus, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	status := host.ConnectionStatus{State: c.state, Error: c.err, Until: c.until}
	slowed := c.err != nil && c.err.Kind == abi.RateLimited
	unproven := c.state == host.ConnectionReady && !c.proven
	untold := c.state != c.told || (c.state != host.ConnectionReady && !c.announced)
	return status, untold && !slowed && !unproven
}

// tell notes that the state was kept for people, and whether it was announced.
func (c *circuit) tell(state host.ConnectionState, announced bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.told, c.announced = state, announced
}

// restore takes up what an earlier host told people. One call is let through to see.
func (c *circuit) restore(status host.ConnectionStatus, announced bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.state, c.err, c.told, c.announced = status.State, status.Error, status.State, announced
}

// admit says whether a call may go out now. When a pause is over exactly one
// call is let through, to see. Who has a pass gives it to report, or back.
func (c *circuit) admit(now time.Time) (p pass, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	p = pass{shuts: c.shuts, resumed: c.resumed}
	if c.state == host.ConnectionReady {
		return p, true
	}
	if now.Before(c.pauseEnd(now)) || c.probing {
		return p, false
	}
	c.probing, p.probe = true, true
	return p, true
}

// giveBack ends a call that tells nothing, so that another may be the probe.
func (c *circuit) giveBack(p pass) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.end(p)
}

// end notes that a call has ended; current is false if a person mended the
// connection meanwhile.
func (c *circuit) end(p pass) (current bool) {
	if p.resumed != c.resumed {
		return false
	}
	if p.probe {
		c.probing = false
	}
	return true
}

// pauseEnd is until when the platform is left alone. A clock that was set back
// since the pause began says nothing about its end: then it is over.
func (c *circuit) pauseEnd(now time.Time) time.Time {
	if now.Before(c.since) {
		return now
	}
	return c.until
}

// change is what a report did to a circuit.
type change int

const (
	unchanged change = iota
	closed           // calls are held from now on, or longer
	reopened         // the connection works again
)

// report learns from the outcome of a call. One that went out before the
// circuit shut last cannot open it, nor count as a failure since.
func (c *circuit) report(p pass, err *abi.Error, now time.Time) change {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.end(p) || (err != nil && err.Code == host.CodeYields) { // it was not sent
		return unchanged
	}
	kind := abi.OK
	if err != nil {
		kind = err.Kind
	}
	late := p.shuts != c.shuts
	switch kind {
	case abi.Auth:
		if late && c.state == host.ConnectionReady { // a newer call was let in
			return unchanged
		}
		return c.shut(host.ConnectionParked, err, now, parkedProbe)
	case abi.RateLimited:
		if err.Code == abi.CodeEndpointLimit { // the rest of the platform is open
			return unchanged
		}
		return c.shut(host.ConnectionPaused, err, now, max(err.RetryAfter(), time.Second))
	case abi.Unavailable, abi.Unknown:
		if late {
			return unchanged
		}
		if c.failures++; c.failures < tripAfter && !p.probe {
			return unchanged
		}
		c.pause = min(max(2*c.pause, firstPause), longestPause)
		return c.shut(host.ConnectionPaused, err, now, max(c.pause, err.RetryAfter()))
	case abi.Internal, abi.Limit, abi.Unsupported, abi.Config, abi.Blocked: // says nothing about the platform
		return unchanged
	default:
		if late {
			return unchanged
		}
		return c.open()
	}
}

func (c *circuit) shut(state host.ConnectionState, err *abi.Error, now time.Time, pause time.Duration) change {
	c.state, c.err, c.since, c.until, c.proven = state, err, now, now.Add(pause), false
	c.shuts++
	return closed
}

func (c *circuit) open() change {
	was := c.state
	c.state, c.failures, c.pause, c.err, c.until, c.proven = host.ConnectionReady, 0, 0, nil, time.Time{}, true
	if was == host.ConnectionReady {
		return unchanged
	}
	return reopened
}

// status is what people see.
func (c *circuit) status() host.ConnectionStatus {
	c.mu.Lock()
	defer c.mu.Unlock()
	return host.ConnectionStatus{State: c.state, Error: c.err, Until: c.until}
}

// circuits are those of all connections.
type circuits struct {
	mu  sync.Mutex
	all map[string]*circuit
}

func newCircuits() *circuits { return &circuits{all: make(map[string]*circuit)} }

func (s *circuits) of(connection string) *circuit {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.all[connection]
	if c == nil {
		c = &circuit{state: host.ConnectionReady, told: host.ConnectionReady}
		s.all[connection] = c
	}
	return c
}

// shut returns the connections that hold calls, with the time of their next
// probe; while one is under way that is later than now.
func (s *circuits) shut(now time.Time) map[string]time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	waiting := make(map[string]time.Time)
	for name, c := range s.all {
		if at, shut := c.nextProbe(now); shut {
			waiting[name] = at
		}
	}
	return waiting
}

func (c *circuit) nextProbe(now time.Time) (at time.Time, shut bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.state == host.ConnectionReady:
		return at, false
	case c.probing:
		return now.Add(probeAgain), true
	default:
		return c.pauseEnd(now), true
	}
}

// resume takes a person's word that the connection works.
func (c *circuit) resume() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.open()
	c.probing, c.proven = false, false
	c.resumed++
}
