package mem_test

import (
	"testing"
	"time"

	"github.com/musubi-run/musubi/host/store"
	"github.com/musubi-run/musubi/host/store/mem"
	"github.com/musubi-run/musubi/host/store/storetest"
)

func TestStore(t *testing.T) {
	storetest.Run(t, func(_ *testing.T, clock func() time.Time) store.Store { return mem.New(clock) })
}
