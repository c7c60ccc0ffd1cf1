package main

import (
	"crypto/sha1" //nolint:gosec // RFC 9562 names UUIDs by it; nothing is protected by it
	"encoding/hex"
	"time"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/rest"
)

// retryKeyLife is for how long LINE knows an attempt again, 24 hours from the
// first request on (OFFICIAL), less what a request may take.
const retryKeyLife = 24*time.Hour - 10*time.Minute

// retryHeader carries the key by which LINE does. Only push, multicast, narrowcast and broadcast take it.
const retryHeader = "X-Line-Retry-Key"

// namespace makes our keys differ from anybody else's UUIDs of the same name.
const namespace = "musubi line retry key "

// only names the one request of a step that has no other.
const only = "0"

// retryKey returns the UUID, version 5, of the request of a step that has this
// name: the same for every attempt. Outside of a step there is none.
func retryKey(call *sdk.Call, name string) string {
	if call.IdempotencyKey() == "" {
		return ""
	}
	sum := sha1.Sum([]byte(namespace + call.IdempotencyKey() + "/" + name)) //nolint:gosec // see the import
	sum[6] = sum[6]&0x0f | 0x50
	sum[8] = sum[8]&0x3f | 0x80
	text := hex.EncodeToString(sum[:16])
	return text[:8] + "-" + text[8:12] + "-" + text[12:16] + "-" + text[16:20] + "-" + text[20:]
}

// sendOnce sends the request of a step that has this name under its retry key. An attempt that
// LINE had accepted before is a success: it answers 409 then, as a rule with the
// id of the request that counts.
func sendOnce(call *sdk.Call, request *rest.Request, name string) (answer *rest.Response, requestID string, err error) {
	key := retryKey(call, name)
	if key != "" {
		request.Header(retryHeader, key)
	}
	answer, err = request.Raw()
	if err != nil {
		return nil, "", err
	}
	own, accepted := answer.Header("x-line-request-id"), answer.Header("x-line-accepted-request-id")
	switch {
	case answer.OK():
		return answer, own, nil
	case answer.Status == 409 && key != "": // which the key alone is answered by
		return answer, accepted, nil
	default:
		return nil, "", readError(answer)
	}
}
