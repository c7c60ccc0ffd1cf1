package config_test

import (
	"strings"
	"testing"

	"github.com/musubi-run/musubi/host/config"
	"github.com/musubi-run/musubi/rules/diag"
)

// TestFaultsOfTheFormShowNoSecret writes a secret into files whose form is wrong in the ways that people get it wrong.
func TestFaultsOfTheFormShowNoSecret(t *testing.T) {
	const shop = "connections:\n  shop:\n    connector: ecforce\n    settings:\n      base_url: x\n"
	known := manifests(t)
	for name, text := range map[string]string{
		"quoted header, colon in the value": shop + "    \"secrets\":\n      access: hunter2x: x\n",
		"anchor":                            shop + "    secrets: &s\n      access: hunter2x: x\n",
		"header without colon":              shop + "    secrets\n      access: 'hunter2x\n",
		"header of a text":                  shop + "    secrets: |\n      access: x\n\taccess: hunter2x\n",
		"braces over lines":                 shop + "    secrets: {\n      access: 'hunter2x\n    }\n",
		"no blank behind the colon":         shop + "    secrets:\n      token:hunter2x\n",
		"no blank within braces":            shop + "    secrets: {token:hunter2x}\n",
		"full-width colon within braces":    shop + "    secrets: {token：hunter2x}\n",
		"no blank, at the wrong depth":      shop + "  secrets:\n    token:hunter2x\n",
		"beside the connector":              shop + "    token: hunter2x\n",
		"misspelt section":                  shop + "    secrts: {token: hunter2x}\n",
		"misspelt key of the host":          "admin_tokn: hunter2x\n",
		"twice":                             shop + "    secrets:\n      token: env:A\n      token: hunter2x\n",
		"a setting of another name":         "connections:\n  shop:\n    connector: ecforce\n    settings: {base_url: x, password: hunter2x}\n",
		"an address with a password":        "connections:\n  shop:\n    connector: ecforce\n    settings: {base_url: \"https://u:hunter2x@shop.example.com\"}\n",
		"a proxy without its scheme":        shop + "    proxy: u:hunter2x@proxy.example.com:80\n",
		"begins like a tag":                 shop + "    secrets:\n      token: !hunter2x\n",
		"begins like an anchor":             shop + "    secrets:\n      token: &hunter2x\n",
	} {
		c, err := config.ParsePartly("musubi.yaml", []byte(text))
		if c == nil {
			t.Fatal(err)
		}
		problems, ok := c.Check(known).(diag.Problems) //nolint:errorlint // the promise is this very type
		var shown strings.Builder
		if err := problems.Render(&shown, diag.English); err != nil || !ok {
			t.Fatal(err, ok)
		}
		if strings.Contains(shown.String(), "hunter2x") {
			t.Errorf("%s:\n%s", name, shown.String())
		}
	}
}
