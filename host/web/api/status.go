package api

import (
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/sdk/abi"
)

// Status is how the whole host fares.
type Status struct {
	Now time.Time `json:"now"`
	// Since is when the period began that failures and runs that are over are told of.
	Since time.Time `json:"since"`
	// NotReady is why the host cannot work just now; nil if it can.
	NotReady    *abi.Text    `json:"not_ready,omitempty"`
	Connections []Connection `json:"connections"`
	Runs        RunCounts    `json:"runs"`
	// Failures are the groups with most runs. There may be more of them, and more
	// runs in them, if FailuresAtLeast.
	Failures        []Failures `json:"failures"`
	FailuresAtLeast bool       `json:"failures_at_least,omitempty"`
	// EventsWaiting counts those that no rule has been matched with yet.
	EventsWaiting host.Count `json:"events_waiting"`
	// Dead are deliveries that could not be read, and that no replay has read since, by connection.
	Dead        []DeadLetters `json:"dead_letters"`
	DeadAtLeast bool          `json:"dead_letters_at_least,omitempty"`
	Expiring    []Expiring    `json:"expiring"`
	Rules       RulesStatus   `json:"rules"`
}

// RunCounts counts runs by state. Those that are over are of the runs made in the period.
type RunCounts struct {
	Queued    host.Count `json:"queued"`
	Running   host.Count `json:"running"`
	Waiting   host.Count `json:"waiting"`
	Failed    host.Count `json:"failed"`
	Done      host.Count `json:"done"`
	Cancelled host.Count `json:"cancelled"`
}

// Failures are runs that failed in the period in the same way.
type Failures struct {
	Flow string `json:"flow"`
	// Connection is the one that the failed step called, if it called one.
	Connection string `json:"connection,omitempty"`
	// Error is that of the newest one.
	Error *abi.Error `json:"error"`
	Count int        `json:"count"`
	// Holding is how many of them hold up runs after them.
	Holding int       `json:"holding,omitempty"`
	First   time.Time `json:"first"`
	Last    time.Time `json:"last"`
	// Example is the run that failed last.
	Example string `json:"example"`
	// Where is a filter that selects just these, as musubi runs rerun --where takes it.
	Where string `json:"where"`
}

// DeadLetters are the deliveries to a connection that could not be read.
type DeadLetters struct {
	Connection string     `json:"connection"`
	Error      *abi.Error `json:"error"`
	Count      int        `json:"count"`
	First      time.Time  `json:"first"`
	Last       time.Time  `json:"last"`
	Example    string     `json:"example"`
}

// Expiring is a secret that expires soon, or has expired.
type Expiring struct {
	Connection string    `json:"connection"`
	Secret     string    `json:"secret"`
	Expires    time.Time `json:"expires"`
	DaysLeft   int       `json:"days_left"`
}

// RulesStatus is which rules are in force, and why newer ones of the folder are not.
type RulesStatus struct {
	Version  string        `json:"version"`
	Loaded   time.Time     `json:"loaded"`
	Flows    int           `json:"flows"`
	Problems []RuleProblem `json:"problems,omitempty"`
}
