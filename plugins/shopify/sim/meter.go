package main

import (
	"fmt"
	"sync"
	"time"

	"github.com/musubi-run/musubi/sdk/simkit"
)

// maxCost is what a query may cost at the most, whatever the plan.
const maxCost = 1000

// rates is the bucket of points; a restore rate of 0 switches the limit off.
type rates struct {
	RestoreRate *float64 `json:"restore_rate"`
	Maximum     *float64 `json:"maximum_available"`
}

// meter prices requests, per app and shop: so one bucket.
type meter struct {
	bucket *simkit.Bucket
	mu     sync.Mutex
	rate   float64
	most   float64
}

// newMeter is that of an ordinary shop.
func newMeter(now func() time.Time) *meter {
	return &meter{bucket: simkit.NewBucket(now, 100, 2000), rate: 100, most: 2000}
}

func (m *meter) rates() *rates { return &rates{} }

func (m *meter) set(r *rates) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if r.RestoreRate != nil {
		m.rate = *r.RestoreRate
	}
	if r.Maximum != nil {
		m.most = *r.Maximum
	}
	if r.RestoreRate != nil || r.Maximum != nil {
		m.bucket.Set(m.rate, m.most)
	}
}

const bucketName = "app"

// reserve takes the requested cost out and says whether it was there.
func (m *meter) reserve(cost int) bool { return m.bucket.Take(bucketName, float64(cost)) == 0 }

// refund gives back what was not needed.
func (m *meter) refund(points int) {
	m.bucket.Take(bucketName, -float64(points))
}

// report is extensions.cost of an answer; a refused request has no actual cost.
func (m *meter) report(requested int, actual any) object {
	m.mu.Lock()
	defer m.mu.Unlock()
	return object{"cost": object{
		"requestedQueryCost": requested, "actualQueryCost": actual,
		"throttleStatus": object{
			"maximumAvailable": m.most, "currentlyAvailable": int(m.bucket.Available(bucketName)), "restoreRate": m.rate,
		},
	}}
}

func throttled() []object {
	return []object{{"message": "Throttled", "extensions": object{
		"code": "THROTTLED", "documentation": "https://shopify.dev/api/usage/rate-limits",
	}}}
}

func tooExpensive(cost int) []object {
	return []object{{
		"message":    fmt.Sprintf("Query cost is %d, which exceeds the single query max cost limit (%d).", cost, maxCost),
		"extensions": object{"code": "MAX_COST_EXCEEDED", "cost": cost, "maxCost": maxCost},
	}}
}
