package egress

import (
	"context"

	"github.com/musubi-run/musubi/host/vault"
	"github.com/musubi-run/musubi/sdk/abi"
)

// redacted is the outermost link: no error holds a secret, and a platform that
// echoes a request does not hand the credential to the plugin.
type redacted struct {
	next       sender
	all        *vault.Redactor
	credential *credential
}

func (r *redacted) send(ctx context.Context, h *hop) *abi.Response {
	response := r.next.send(ctx, h)
	if response.Err != nil {
		return &abi.Response{Err: r.all.Error(response.Err)}
	}
	sent := r.credential.sent
	for i := range response.Headers {
		response.Headers[i].Value = sent.Text(response.Headers[i].Value)
	}
	response.Body = sent.Bytes(response.Body)
	return response
}
