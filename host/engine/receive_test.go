package engine_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/musubi-run/musubi/host"
)

// A key that holds a time cannot tell two changes of one second apart: both
// run. The same key a while later is a repetition.
func TestChangesOfOneSecondAreNotFolded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := boot(t, memory(t), newPlatform(), stepByStep)
		defer r.stop()
		changed := time.Now()
		accept := func() host.Receipt {
			t.Helper()
			receipt, err := r.Accept(t.Context(), []host.Event{{
				ID: r.NewID(), Connection: "shop", Type: "customer.updated", Subject: "1", Dedupe: "1@now",
				Time: changed, Received: time.Now(), Coarse: time.Second, Data: []byte(`{"id":"1","n":1}`),
			}})
			if err != nil {
				t.Fatal(err)
			}
			return receipt
		}
		first, second := accept(), accept()
		time.Sleep(time.Minute)
		late := accept()
		if len(first.Accepted) != 1 || len(second.Accepted) != 1 || late.Duplicates != 1 {
			t.Errorf("first %+v, second %+v, a minute later %+v", first, second, late)
		}
	})
}
