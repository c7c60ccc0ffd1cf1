// Package config reads the host's file, musubi.yaml, checks it whole, and
// keeps the two kinds of token that a host makes for itself. Every fault is a
// [diag.Problem], the same form that the writers of rules see.
package config

import (
	"log/slog"
	"net/netip"
	"path/filepath"
	"time"

	"github.com/musubi-run/musubi/rules/diag"
	"github.com/musubi-run/musubi/sdk/abi"
)

// Config is what musubi.yaml says, with defaults filled in and every path absolute.
type Config struct {
	// File is where it was read from.
	File string
	// Listen is the address that webhooks and the admin API are served on.
	Listen string
	// PublicURL is how platforms reach the host from outside; empty means that
	// nobody said, and addresses are shown as they are inside.
	PublicURL string
	// Data, Rules and Plugins are folders. Data is the host's own.
	Data, Rules, Plugins string
	// PluginKeys are files with public keys, PEM: a plugin from a registry must
	// be signed by one of them. None means that no signature is asked for.
	PluginKeys []string
	// Zone is the time zone of schedules and of times shown to people.
	Zone *time.Location
	// DedupeWindow is how long a repeated event is recognised as one.
	DedupeWindow time.Duration
	// NoticeWindow is how long failures of one kind are counted after the first
	// of them was announced, to be announced together.
	NoticeWindow time.Duration
	// LoopLimit is how many times records may answer each other's changes, each
	// within LoopWindow of the one before, before that is cut as a loop.
	LoopLimit  int
	LoopWindow time.Duration
	Retention  Retention
	Log        Log
	// AdminToken guards the admin API; zero means the one kept in the data folder.
	AdminToken Reference
	// VaultKey seals what the vault holds; zero means the key kept in the data folder.
	VaultKey Reference
	// ShutdownGrace is how long a stopping host waits for what is under way.
	ShutdownGrace time.Duration
	// Connections are the accounts on platforms, by name.
	Connections map[string]*Connection
	// Forms are web forms for members, by name.
	Forms map[string]*Form

	marks marks
	// faults are those of the file by itself, doubt what they leave unknown.
	faults diag.Problems
	doubt  doubt
}

// Retention is how long finished things are kept. Zero keeps them for ever.
type Retention struct {
	Runs, Events, DeadLetters, Audit time.Duration
	// Size is how many bytes the store may take on the disk before the oldest
	// finished runs and their events go, whatever their age; 0 is no limit.
	Size int64
}

// Log says how the host logs.
type Log struct {
	Level slog.Level
	// Format is LogText or LogJSON.
	Format string
}

// The log formats.
const (
	LogText = "text"
	LogJSON = "json"
)

// Connection is one account on a platform.
type Connection struct {
	Name      string
	Connector string
	// Settings is a JSON object, as written: [Connection.Effective] adds the connector's defaults.
	Settings map[string]any
	// Secrets say where the values are, never what they are.
	Secrets map[string]Reference
	// Expires are the days, as midnights in UTC, on which secrets stop to be
	// valid, by name, for those of which the file says so.
	Expires map[string]time.Time
	// Auth names one of the connector's ways to authenticate; empty means its first.
	Auth string
	// WebhookToken is the secret part of the webhook address; zero means the one kept in the data folder.
	WebhookToken Reference
	// AllowPrivate lets the connector reach private and loopback addresses: all
	// of them, or those of PrivateNetworks.
	AllowPrivate    bool
	PrivateNetworks []netip.Prefix
	// Proxy is the HTTP proxy that every request goes through. Its zero value is none.
	Proxy Proxy
	// SourceAddress is the local address to send from; the zero Addr leaves it to the machine.
	SourceAddress netip.Addr
	// CAFile holds further certificate authorities to trust, PEM; empty means none.
	CAFile string
	// Limits replace those of the connector where they are not zero.
	Limits abi.Limits
	// CallLimits bound one call of the plugin, RequestLimits one of its HTTP
	// requests; zero fields mean the host's defaults. In the file all three
	// kinds stand under "limits".
	CallLimits    CallLimits
	RequestLimits RequestLimits
	// Polls holds the intervals of polls that differ from the connector's, by trigger. Zero switches the poll off.
	Polls map[string]time.Duration
}

// CallLimits bounds what one call of a plugin may use.
type CallLimits struct {
	// Memory is how many bytes of memory an instance may hold.
	Memory int64
	// Fuel is how many instructions a call may run.
	Fuel int64
	// Time bounds a call, its HTTP requests included.
	Time time.Duration
	// HTTPCalls is how many requests a call may send.
	HTTPCalls int
	// RequestBytes bounds one HTTP request, OutputBytes what a call answers.
	RequestBytes, OutputBytes int
	// LogLines and LogBytes bound a call's log: lines, and bytes of a line.
	LogLines, LogBytes int
	// StateKeys is how many keys a call may set, StateBytes how long a value may be.
	StateKeys, StateBytes int
	// StateTotal is how many keys a connection's plugin may remember in all.
	StateTotal int
	// Recursion is how deep a plugin's functions may call one another.
	Recursion int
}

// RequestLimits bounds one HTTP request of a plugin and its answer.
type RequestLimits struct {
	// Time bounds a request from its dial to the end of its answer.
	Time time.Duration
	// RateWait is how long a request waits for its turn before it is refused.
	RateWait time.Duration
	// ResponseBytes bounds an answer's body, HeaderBytes and HeaderCount its header.
	ResponseBytes, HeaderBytes, HeaderCount int
	// Redirects is how many redirects are followed; below 0 none.
	Redirects int
}

// Proxy is an HTTP proxy: an address, or where one stands that holds a password.
type Proxy struct {
	URL    string
	Secret Reference
}

// IsZero says that there is no proxy.
func (p Proxy) IsZero() bool { return p == Proxy{} }

const day = 24 * time.Hour

// Default is what holds where the file says nothing. Tokyo has no summer
// time, so a fixed zone serves where the machine has no time zone database.
func Default(file string) *Config {
	dir := filepath.Dir(file)
	return &Config{
		File:          file,
		Listen:        "127.0.0.1:8080",
		Data:          filepath.Join(dir, "data"),
		Rules:         filepath.Join(dir, "rules"),
		Plugins:       filepath.Join(dir, "plugins"),
		Zone:          time.FixedZone("Asia/Tokyo", 9*60*60),
		DedupeWindow:  7 * day,
		NoticeWindow:  10 * time.Minute,
		LoopLimit:     60,
		LoopWindow:    time.Hour,
		Retention:     Retention{Runs: 30 * day, Events: 30 * day, DeadLetters: 90 * day, Audit: 2 * 365 * day},
		Log:           Log{Level: slog.LevelInfo, Format: LogText},
		ShutdownGrace: 20 * time.Second,
		Connections:   map[string]*Connection{},
		Forms:         map[string]*Form{},
		marks:         marks{file: file, at: map[string]mark{}, keys: map[string]mark{}},
	}
}
