package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/musubi-run/musubi/host/web/api"
	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/commerce"
	"github.com/musubi-run/musubi/sdk/jp"
	"github.com/musubi-run/musubi/sdk/simkit/simclient"
)

// Reached is the time from orders at a cart to messages on a channel at a
// steady rate.
type Reached struct {
	Machine Machine `json:"machine"`
	Rate    int     `json:"rate_per_second"`
	Orders  int     `json:"orders"`
	// Latency is from the moment before the cart's webhook is sent until the channel has taken
	// the message that follows from the buyer's new tag.
	Latency Latency `json:"order_to_message"`
	Host    Usage   `json:"host"`
	Channel Usage   `json:"channel_sim"`
}

// channelID is the connector of the channel.
const channelID = "line"

// messageRules link buyers with friends, tag who has bought, and tell who was tagged.
var messageRules = map[string]string{
	"rules/friends.yaml": "language: 1\nlink: friends\nchannel: line\ncart: shop\nkeys: [phone]\n",
	"rules/buyer.yaml":   "language: 1\ntag: buyer\nwhen: member.totals.orders > 0\n",
	"rules/thanks.yaml": `language: 1
flow: thanks
on: {connection: musubi, event: member.tag_added}
when: event.data.tag == 'buyer'
steps:
  - id: member
    call: musubi.member.get
    with: {id: "${event.subject}"}
  - call: line.message.push
    with:
      to: "${member.channels.filter(c, c.connection == 'line')[0].user_id}"
      messages: [{type: text, text: "ご注文ありがとうございます"}]
`,
}

// RunMessages delivers so many orders a second for o.Duration, each the first
// of a member, and waits until each member has a message.
func RunMessages(ctx context.Context, o Options, rate int) (*Reached, error) {
	b := &bench{Options: o}
	m := &messages{bench: b, rate: rate, orders: int(o.Duration.Seconds() * float64(rate)), taken: make(map[string]time.Time)}
	defer m.close()
	if err := m.prepare(ctx); err != nil {
		return nil, err
	}
	reached, err := m.measure(ctx)
	return reached, errors.Join(err, m.host.stop())
}

// messages is one such measurement. Its person 0 warms everything up.
type messages struct {
	*bench

	rate, orders  int
	cart, channel *simclient.Process
	host          *host
	path          string
	// taken is when the channel took whose message, seen the last entry of its
	// journal that was looked at.
	taken map[string]time.Time
	seen  int64
}

func (m *messages) close() {
	for _, sim := range []*simclient.Process{m.cart, m.channel} {
		if sim != nil {
			sim.Stop()
		}
	}
}

// prepare starts sims and host, makes friends and members, and has one message sent.
func (m *messages) prepare(ctx context.Context) (err error) {
	plugins := filepath.Join(m.Dir, "plugins")
	if err := os.MkdirAll(plugins, 0o700); err != nil {
		return fmt.Errorf("making the benchmark's folder: %w", err)
	}
	if m.cart, err = m.connect(ctx, plugins, shopID); err != nil {
		return err
	}
	if m.channel, err = m.connect(ctx, plugins, channelID); err != nil {
		return err
	}
	if err := m.channel.SetLimits(ctx, map[string]any{"rates": false}); err != nil {
		return fmt.Errorf("lifting the simulated channel's rate limit: %w", err)
	}
	files := map[string]string{"musubi.yaml": m.configuration(plugins), "shop_token": "sim-token", "secret": "sim-channel-secret-0123456789abcdef", "token": "sim-long-lived-token"}
	for name, text := range messageRules {
		files[name] = text
	}
	if m.host, err = m.hostOf("message", files); err != nil {
		return err
	}
	if _, err := m.start(ctx, m.host); err != nil {
		return err
	}
	if err := m.befriend(ctx); err != nil {
		return errors.Join(err, m.host.stop())
	}
	return nil
}

func (m *messages) configuration(plugins string) string {
	return strings.NewReplacer("PLUGINS", plugins, "SHOP", m.cart.URL, "CHANNEL", m.channel.URL).Replace(`
listen: ADDRESS
data: ./data
rules: ./rules
plugins: PLUGINS
log: {level: warn}
connections:
  shop:
    connector: ecforce
    settings: {base_url: SHOP}
    secrets: {token: file:shop_token}
    allow_private: true
  line:
    connector: line
    auth: long_lived
    settings: {base_url: CHANNEL, data_url: CHANNEL}
    secrets: {channel_secret: file:secret, channel_access_token: file:token}
    allow_private: true
`)
}

// userOf, customerOf and phoneOf name person n at the channel, at the cart and everywhere.
func userOf(n int) string     { return fmt.Sprintf("U%032x", n) }
func customerOf(n int) string { return strconv.Itoa(800_000 + n) }
func phoneOf(n int) string    { return fmt.Sprintf("090%08d", n) }

const (
	peopleAtOnce = 200
	calls        = 8
)

// befriend has the people follow the account, tells the host who they are, and
// lets the first of them buy.
func (m *messages) befriend(ctx context.Context) (err error) {
	m.tell(fmt.Sprintf("making %d members", m.orders))
	if m.path, err = m.host.hookPath(); err != nil {
		return err
	}
	friends, each := errgroup.WithContext(ctx)
	friends.SetLimit(calls)
	for n := range m.orders + 1 {
		friends.Go(func() error { return m.channel.PutRecord(each, "users", userOf(n), map[string]any{"friend": true}) })
	}
	if err := friends.Wait(); err != nil {
		return fmt.Errorf("making friends: %w", err)
	}
	for from := 0; from <= m.orders; from += peopleAtOnce {
		if err := m.introduce(ctx, from, min(from+peopleAtOnce, m.orders+1)); err != nil {
			return err
		}
	}
	if err := m.buy(ctx, 0); err != nil {
		return err
	}
	return m.await(ctx, 1)
}

// introduce imports people as friends and as customers of one telephone number.
func (m *messages) introduce(ctx context.Context, from, until int) error {
	operator, err := m.host.operator()
	if err != nil {
		return err
	}
	yes := true
	in := api.MemberImport{Source: "bench"}
	for n := from; n < until; n++ {
		friend, err := json.Marshal(commerce.Contact{UserID: userOf(n), Phone: phoneOf(n), Following: &yes})
		if err != nil {
			return fmt.Errorf("writing a friend: %w", err)
		}
		customer, err := json.Marshal(commerce.Customer{ID: customerOf(n), Phone: phoneOf(n)})
		if err != nil {
			return fmt.Errorf("writing a customer: %w", err)
		}
		in.Facts = append(in.Facts, api.MemberFact{Connection: "line", Model: abi.ModelContact, Data: friend},
			api.MemberFact{Connection: "shop", Model: abi.ModelCustomer, Data: customer})
	}
	out, err := operator.ImportMembers(ctx, in)
	if err == nil && len(out.Refused) > 0 {
		return fmt.Errorf("importing members: %s", out.Refused[0].Why.EN)
	}
	return err
}

// buy delivers the first order of person n.
func (m *messages) buy(ctx context.Context, n int) error {
	body := fmt.Appendf(nil, `{"order":{"id":"%d","number":"b%07x","state":"complete","total":"3300","customer":{"id":"%s"},"updated_at":"%s"}}`,
		9_000_000+n, n, customerOf(n), m.Now().In(jp.Zone).Format("2006/01/02 15:04:05"))
	return m.host.announce(ctx, m.path, "order_created", body)
}

func (m *messages) measure(ctx context.Context) (*Reached, error) {
	r := &Reached{Machine: Here(), Rate: m.rate, Orders: m.orders}
	m.tell(fmt.Sprintf("delivering %d orders, %d a second", r.Orders, m.rate))
	pids := []int{m.host.cmd.Process.Pid, m.channel.Pid()}
	before := usages(pids)
	bought := make([]time.Time, m.orders+1)
	if err := m.paced(ctx, m.rate, m.orders, func(n int) error {
		bought[n+1] = m.Now()
		return m.buy(ctx, n+1)
	}); err != nil {
		return nil, err
	}
	if err := m.await(ctx, m.orders+1); err != nil {
		return nil, err
	}
	r.Host, r.Channel = UsageOf(pids[0]).since(before[0]), UsageOf(pids[1]).since(before[1])
	took := make([]time.Duration, 0, m.orders)
	for n := 1; n <= m.orders; n++ {
		took = append(took, m.taken[userOf(n)].Sub(bought[n]))
	}
	r.Latency = percentiles(took)
	return r, nil
}

// await waits until the channel has taken messages for so many people.
func (m *messages) await(ctx context.Context, people int) error {
	ctx, cancel := context.WithTimeout(ctx, runsWithin)
	defer cancel()
	tick := time.NewTicker(runsEvery)
	defer tick.Stop()
	for {
		if err := m.look(ctx); err != nil || len(m.taken) >= people {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waiting for %d messages, %d were taken: %w; the host's log is in %s", people, len(m.taken), ctx.Err(), m.host.dir)
		case <-tick.C:
		}
	}
}

// look reads what is new in the channel's journal.
func (m *messages) look(ctx context.Context) error {
	entries, err := m.channel.Journal(ctx, m.seen)
	if err != nil {
		return fmt.Errorf("reading the channel's journal: %w", err)
	}
	for i := range entries {
		e := &entries[i]
		m.seen = e.N
		if !strings.HasSuffix(e.Path, "/message/push") || e.Status != 200 {
			continue
		}
		var push struct{ To string }
		if err := json.Unmarshal([]byte(e.Request), &push); err != nil {
			return fmt.Errorf("reading a message: %w", err)
		}
		m.taken[push.To] = e.Time
	}
	return nil
}

// Print writes the report as a table.
func (r *Reached) Print(w io.Writer) {
	p := &printer{w: w}
	m := r.Machine
	p.line("%s/%s, %d cores, %s, %s; loopback, fsync on; sims and load on the same machine", m.OS, m.Arch, m.Cores, m.CPU, m.Go)
	p.line("")
	p.line("%-34s p50 %.1f ms  p90 %.1f ms  p99 %.1f ms  max %.1f ms", fmt.Sprintf("order to message at %d/s", r.Rate),
		r.Latency.P50, r.Latency.P90, r.Latency.P99, r.Latency.Max)
	p.line("%-34s %10d, each a new tag and a message", "orders", r.Orders)
	p.line("%-34s %10.1f CPU s  peak %.0f MB", "  host", r.Host.CPUSeconds, r.Host.PeakMB)
	p.line("%-34s %10.1f CPU s  peak %.0f MB", "  channel sim", r.Channel.CPUSeconds, r.Channel.PeakMB)
}
