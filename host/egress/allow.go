package egress

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/musubi-run/musubi/sdk/abi"
)

// allowed lets requests go to the manifest's origins and nowhere else.
type allowed struct {
	next    sender
	origins map[string]bool
}

// allowedOrigins fills the settings into the manifest's hosts. Plain http is
// allowed only where a setting says http itself.
func allowedOrigins(m *abi.Manifest, n names) (map[string]bool, error) {
	origins := make(map[string]bool, len(m.Hosts))
	var faults []error
	for _, host := range m.Hosts {
		texts, err := filledHost(m, host, n)
		faults = append(faults, err)
		for _, text := range texts {
			faults = append(faults, allowOrigin(origins, host, text))
		}
	}
	if err := errors.Join(faults...); err != nil {
		return nil, configError(err)
	}
	return origins, nil
}

// filledHost returns the origins that a host of the manifest stands for: one,
// or those of a setting that is a list, which may be empty.
func filledHost(m *abi.Manifest, host string, n names) ([]string, error) {
	name := strings.Trim(host, "{}")
	if s := m.Settings; s != nil && s.Properties[name] != nil && s.Properties[name].Type == abi.TypeArray {
		return strings.Fields(n[name]), nil
	}
	text, err := n.fill(host)
	if err != nil {
		return nil, err
	}
	return []string{text}, nil
}

func allowOrigin(origins map[string]bool, host, text string) error {
	u, err := parseURL(text)
	if err != nil {
		return fmt.Errorf("the host %s: %w", host, err)
	}
	if u.Scheme == "http" && text == host {
		return fmt.Errorf("the host %s must be https", host)
	}
	origins[origin(u)] = true
	return nil
}

func (a *allowed) send(ctx context.Context, h *hop) *abi.Response {
	if !a.origins[origin(h.url)] {
		return failed(abi.Blocked, "%s is not among the hosts that this connection may reach: those that the connector names in its Hosts, and that its settings put there", origin(h.url))
	}
	return a.next.send(ctx, h)
}
