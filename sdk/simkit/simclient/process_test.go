package simclient_test

import (
	"context"
	"os"
	"strings"
	"testing"

	"github.com/musubi-run/musubi/sdk/simkit/simclient"
)

// TestStartTellsWhyASimDidNotStart starts a program that is no sim: this test,
// which does not know the flag -stdin.
func TestStartTellsWhyASimDidNotStart(t *testing.T) {
	_, err := simclient.Start(t.Context(), os.Args[0])
	if err == nil || !strings.Contains(err.Error(), "-stdin") {
		t.Errorf("error %v", err)
	}
}

func TestStartOfNothing(t *testing.T) {
	if _, err := simclient.Start(context.Background(), "/no/such/sim"); err == nil {
		t.Error("no error")
	}
}
