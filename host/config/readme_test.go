package config_test

import (
	"os"
	"strings"
	"testing"

	"github.com/musubi-run/musubi/host/config"
)

// Every key that a connection may have is in README.md: an unknown one gets
// them all named.
func TestTheReadmeNamesEveryKey(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, place := range []string{"connections: {shop: {connector: x, qqqqqqqqqqqqq: 1}}", "connections: {shop: {connector: x, limits: {qqqqqqqqqqqqq: 1}}}"} {
		_, err := config.Parse("musubi.yaml", []byte(place))
		if err == nil {
			t.Fatalf("%s is right", place)
		}
		_, known, ok := strings.Cut(err.Error(), "possible are ")
		if !ok {
			t.Fatal(err)
		}
		for key := range strings.SplitSeq(strings.Fields(strings.ReplaceAll(known, ", ", ","))[0], ",") {
			if !strings.Contains(string(readme), "`"+key+"`") {
				t.Errorf("README.md does not name %s", key)
			}
		}
	}
}
