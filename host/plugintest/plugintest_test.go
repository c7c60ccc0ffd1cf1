package plugintest_test

import (
	"path/filepath"
	"testing"

	"github.com/musubi-run/musubi/host/pluginbuild"
	"github.com/musubi-run/musubi/host/plugintest"
)

func TestConnectors(t *testing.T) {
	dirs, err := pluginbuild.Discover("../../plugins")
	if err != nil {
		t.Fatal(err)
	}
	if len(dirs) == 0 {
		t.Fatal("there are no connectors")
	}
	for _, dir := range dirs {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			t.Parallel()
			plugintest.Run(t, dir)
		})
	}
}
