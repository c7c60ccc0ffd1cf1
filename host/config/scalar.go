package config

import (
	"log/slog"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/musubi-run/musubi/sdk/abi"
)

// scalar reads a scalar with parse, which says in words what it wants.
func scalar[T any](r *reader, to *T, want abi.Text, parse func(n *yaml.Node) (T, bool)) take {
	return func(n *yaml.Node, path string) {
		if n.Kind != yaml.ScalarNode || isNull(n) {
			r.wrongType(n, path, want)
			return
		}
		value, ok := parse(n)
		if !ok {
			r.fault("wrong-value", path, say("%[1]q is not %[2]s", "「%[1]s」は使えません。%[3]sを書いてください", n.Value, want.EN, want.JA))
			return
		}
		*to = value
	}
}

func (r *reader) text(to *string) take {
	want := abi.Text{EN: "text", JA: "文字列"}
	return func(n *yaml.Node, path string) {
		if n.Kind != yaml.ScalarNode || n.Tag != "!!str" || n.Value == "" {
			r.wrongType(n, path, want)
			return
		}
		*to = n.Value
	}
}

func (r *reader) folder(to *string) take {
	return scalar(r, to, abi.Text{EN: "a folder", JA: "フォルダー"}, func(n *yaml.Node) (string, bool) {
		return resolve(r.dir, n.Value), n.Value != ""
	})
}

func (r *reader) boolean(to *bool) take {
	return scalar(r, to, abi.Text{EN: "true or false without quotes", JA: "true か false(引用符なし)"}, func(n *yaml.Node) (bool, bool) {
		return n.Value == "true", n.Tag == "!!bool" && (n.Value == "true" || n.Value == "false")
	})
}

func (r *reader) count(to *int) take {
	return scalar(r, to, abi.Text{EN: "a whole number above 0", JA: "1以上の整数"}, func(n *yaml.Node) (int, bool) {
		value, err := strconv.Atoi(strings.ReplaceAll(n.Value, "_", ""))
		return value, err == nil && value > 0
	})
}

// amount reads a large number, which may be written 2_000_000_000.
func (r *reader) amount(to *int64) take {
	return scalar(r, to, abi.Text{EN: "a whole number above 0", JA: "1以上の整数"}, func(n *yaml.Node) (int64, bool) {
		value, err := strconv.ParseInt(strings.ReplaceAll(n.Value, "_", ""), 10, 64)
		return value, err == nil && value > 0
	})
}

func (r *reader) rate(to *float64) take {
	return scalar(r, to, abi.Text{EN: "a number above 0", JA: "0より大きい数"}, func(n *yaml.Node) (float64, bool) {
		value, err := strconv.ParseFloat(n.Value, 64)
		return value, err == nil && value > 0 && value <= 1e9
	})
}

func (r *reader) duration(to *time.Duration) take {
	want := abi.Text{EN: "a duration such as 30s, 15m, 36h or 7d", JA: "期間(30s、15m、36h、7d など)"}
	return scalar(r, to, want, func(n *yaml.Node) (time.Duration, bool) {
		value, ok := ParseDuration(n.Value)
		return value, ok && value > 0
	})
}

// keep reads a retention: a duration, or "forever", which is zero.
func (r *reader) keep(to *time.Duration) take {
	return r.durationOr(to, "forever", abi.Text{EN: `a duration such as 30d, or "forever"`, JA: "期間(30d など)か「forever」"})
}

// interval reads how often to poll: a duration, or "off", which is zero.
func (r *reader) interval(to *time.Duration) take {
	return r.durationOr(to, "off", abi.Text{EN: `a duration such as 5m, or "off"`, JA: "間隔(5m など)か off"})
}

func (r *reader) durationOr(to *time.Duration, word string, want abi.Text) take {
	return scalar(r, to, want, func(n *yaml.Node) (time.Duration, bool) {
		if n.Value == word {
			return 0, true
		}
		value, ok := ParseDuration(n.Value)
		return value, ok && value > 0
	})
}

// date reads a day, as its midnight in UTC.
func (r *reader) date(to *time.Time) take {
	return scalar(r, to, abi.Text{EN: "a date such as 2027-01-31", JA: "日付(2027-01-31 など)"}, func(n *yaml.Node) (time.Time, bool) {
		day, err := time.Parse(time.DateOnly, n.Value)
		return day, err == nil
	})
}

func size[T int | int64](r *reader, to *T) take {
	want := abi.Text{EN: "a size such as 64MiB, up to 1GiB", JA: "大きさ(64MiB など、1GiBまで)"}
	return scalar(r, to, want, func(n *yaml.Node) (T, bool) {
		bytes, ok := parseSize(n.Value, maxSize)
		return T(bytes), ok
	})
}

// disk reads how much may lie on the disk, or "unlimited", which is zero.
func (r *reader) disk(to *int64) take {
	want := abi.Text{EN: `a size such as 20GiB, or "unlimited"`, JA: "大きさ(20GiB など)か unlimited"}
	return scalar(r, to, want, func(n *yaml.Node) (int64, bool) {
		if n.Value == "unlimited" {
			return 0, true
		}
		return parseSize(n.Value, maxDisk)
	})
}

func (r *reader) zone(to **time.Location) take {
	want := abi.Text{EN: "a time zone such as Asia/Tokyo or UTC", JA: "タイムゾーン(Asia/Tokyo、UTC など)"}
	return scalar(r, to, want, func(n *yaml.Node) (*time.Location, bool) {
		zone, err := time.LoadLocation(n.Value)
		return zone, err == nil && n.Value != "" && n.Value != "Local"
	})
}

func (r *reader) address(to *string) take {
	want := abi.Text{EN: "an address such as 127.0.0.1:8080", JA: "アドレス(127.0.0.1:8080 など)"}
	return scalar(r, to, want, func(n *yaml.Node) (string, bool) {
		_, port, err := net.SplitHostPort(n.Value)
		number, portErr := strconv.ParseUint(port, 10, 16)
		return n.Value, err == nil && portErr == nil && number <= 65535
	})
}

func (r *reader) origin(to *string) take {
	want := abi.Text{EN: "an address such as https://hooks.example.com", JA: "URL(https://hooks.example.com など)"}
	return scalar(r, to, want, func(n *yaml.Node) (string, bool) {
		return strings.TrimSuffix(n.Value, "/"), isURL(n.Value)
	})
}

func (r *reader) level(to *slog.Level) take {
	want := abi.Text{EN: "debug, info, warn or error", JA: "debug、info、warn、error のどれか"}
	return scalar(r, to, want, func(n *yaml.Node) (slog.Level, bool) { return parseLevel(n.Value) })
}

func (r *reader) oneOf(to *string, words ...string) take {
	want := abi.Text{EN: strings.Join(words, " or "), JA: strings.Join(words, " か ")}
	return scalar(r, to, want, func(n *yaml.Node) (string, bool) {
		for _, word := range words {
			if n.Value == word {
				return word, true
			}
		}
		return "", false
	})
}

func parseLevel(word string) (slog.Level, bool) {
	switch word {
	case "debug":
		return slog.LevelDebug, true
	case "info":
		return slog.LevelInfo, true
	case "warn":
		return slog.LevelWarn, true
	case "error":
		return slog.LevelError, true
	default:
		return 0, false
	}
}

func isURL(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && u.User == nil
}
