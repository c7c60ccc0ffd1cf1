package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/musubi-run/musubi/host/config"
)

// period is a pair of flags that select by time.
type period struct{ since, until string }

func (p *program) periodFlags(cmd *cobra.Command) *period {
	var chosen period
	cmd.Flags().StringVar(&chosen.since, "since", "", p.say("only what is newer: 24h, 7d, 2026-01-02 or a `time`", "これより新しいもの(`time`): 24h、7d、2026-01-02 など"))
	cmd.Flags().StringVar(&chosen.until, "until", "", p.say("only what is older: 1h, 2026-01-02 or a `time`", "これより古いもの(`time`): 1h、2026-01-02 など"))
	return &chosen
}

func (p *program) resolve(chosen *period, zone *time.Location) (since, until time.Time, err error) {
	if since, err = p.moment("--since", chosen.since, zone); err != nil {
		return since, until, err
	}
	until, err = p.moment("--until", chosen.until, zone)
	return since, until, err
}

// moment reads a point in time: so long ago, a day, a local time or RFC 3339. Empty is zero.
func (p *program) moment(flag, text string, zone *time.Location) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if ago, ok := config.ParseDuration(text); ok {
		return p.now().Add(-ago), nil
	}
	for _, layout := range []string{time.DateOnly, "2006-01-02 15:04", time.DateTime, time.RFC3339} {
		if t, err := time.ParseInLocation(layout, text, zone); err == nil {
			return t, nil
		}
	}
	return time.Time{}, usage(
		fmt.Sprintf("%s: %q is no time: write 24h, 7d, 2026-01-02 or \"2026-01-02 15:04\"", flag, text),
		fmt.Sprintf("%s: 「%s」は時刻として読めません。24h、7d、2026-01-02、\"2026-01-02 15:04\" のように書いてください", flag, text))
}

// clock writes times in the zone of the host.
type clock struct{ zone *time.Location }

func (c clock) text(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(c.zone).Format(time.DateTime)
}

// took writes how long something lasted; empty if it has not ended.
func took(began, ended time.Time) string {
	if began.IsZero() || ended.IsZero() {
		return ""
	}
	d := ended.Sub(began)
	if d < time.Second {
		return d.Round(time.Millisecond).String()
	}
	return d.Round(time.Second / 10).String()
}
