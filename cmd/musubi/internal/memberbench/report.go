package memberbench

import (
	"bytes"
	"fmt"
	"time"
)

// Report is what was measured.
type Report struct {
	Members int `json:"members"`
	Orders  int `json:"orders"`
	Rules   int `json:"tag_rules"`
	// RegisterPerSecond are new members with a telephone number.
	RegisterPerSecond float64 `json:"registered_per_second"`
	// OrdersPerSecond includes each order's customer, link, totals and tags.
	OrdersPerSecond float64       `json:"orders_per_second"`
	ImportTime      time.Duration `json:"import_ns"`
	// OrderCPU is what all processors spent on an order, whatever else the machine did.
	OrderCPU time.Duration `json:"order_cpu_ns"`
	// Rest is how long the store was given to end its sorting, and AtRest whether
	// it did: what follows was measured then.
	Rest         time.Duration `json:"rest_ns"`
	AtRest       bool          `json:"at_rest"`
	LookUpMedian time.Duration `json:"look_up_median_ns"`
	LookUpP99    time.Duration `json:"look_up_p99_ns"`
	// Midnight is how long it took until everybody had the tags of the new day.
	Midnight  time.Duration `json:"midnight_ns"`
	Birthdays int           `json:"birthdays"`
	// PeakMemory is resident, Disk what the store takes, in bytes.
	PeakMemory int64 `json:"peak_memory_bytes"`
	Disk       int64 `json:"disk_bytes"`
}

// Print writes the report for people.
func (r Report) Print(w *bytes.Buffer) {
	fmt.Fprintf(w, `members               %12d
orders                %12d
tag rules             %12d
registered            %12.0f /s
orders imported       %12.0f /s   (linked, counted, tagged; %s)
processor per order   %12s
store at rest         %12t      after %s
look-up by phone      %12s      p99 %s
birthday midnight     %12s      %d birthdays
memory, at most       %12d MB
store on disk         %12d MB
`, r.Members, r.Orders, r.Rules, r.RegisterPerSecond, r.OrdersPerSecond, r.ImportTime.Round(time.Millisecond), r.OrderCPU.Round(time.Microsecond), r.AtRest, r.Rest.Round(time.Millisecond),
		r.LookUpMedian.Round(time.Microsecond), r.LookUpP99.Round(time.Microsecond), r.Midnight.Round(time.Millisecond), r.Birthdays,
		r.PeakMemory>>20, r.Disk>>20)
}

func rate(n int, took time.Duration) float64 { return float64(n) / took.Seconds() }
