package egress

import (
	"context"
	"errors"
	"fmt"

	"github.com/musubi-run/musubi/sdk/abi"
)

// allowed lets requests go to the manifest's origins and nowhere else.
type allowed struct {
	next    sender
	origins map[string]bool
}

// allowedOrigins fills the settings into the manifest's hosts. Plain http is
// allowed only where a setting says http itself.
func allowedOrigins(hosts []string, n names) (map[string]bool, error) {
	origins := make(map[string]bool, len(hosts))
	var faults []error
	for _, host := range hosts {
		text, err := n.fill(host)
		if err != nil {
			faults = append(faults, err)
			continue
		}
		u, err := parseURL(text)
		if err != nil {
			faults = append(faults, fmt.Errorf("the host %s: %w", host, err))
			continue
		}
		if u.Scheme == "http" && text == host {
			faults = append(faults, fmt.Errorf("the host %s must be https", host))
			continue
		}
		origins[origin(u)] = true
	}
	if len(faults) > 0 {
		return nil, configError(errors.Join(faults...))
	}
	return origins, nil
}

func (a *allowed) send(ctx context.Context, h *hop) *abi.Response {
	if !a.origins[origin(h.url)] {
		return failed(abi.Blocked, "%s is not among the hosts that this connection may reach", origin(h.url))
	}
	return a.next.send(ctx, h)
}
