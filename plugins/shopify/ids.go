package main

import (
	"strings"

	"github.com/musubi-run/musubi/sdk/abi"
)

// Kinds of record, as the platform's ids name them.
const (
	kindCustomer = "Customer"
	kindOrder    = "Order"
	kindProduct  = "Product"
	kindVariant  = "ProductVariant"
	kindItem     = "InventoryItem"
	kindLocation = "Location"
	kindBulk     = "BulkOperation"
	kindHook     = "WebhookSubscription"
)

const gidPrefix = "gid://shopify/"

// gid returns the platform's global id for a number. A global id of that kind
// stands for itself; anything else is Invalid.
func gid(kind, id string) (string, error) {
	number, _ := strings.CutPrefix(id, gidPrefix+kind+"/")
	if number == "" || strings.Trim(number, "0123456789") != "" {
		return "", &abi.Error{Kind: abi.Invalid, Message: `"` + id + `" is not the id of a ` + kind + ": a number was expected"}
	}
	return gidPrefix + kind + "/" + number, nil
}

// number returns the number in a global id: what rules and links go by.
func number(gid string) string {
	gid = gid[strings.LastIndexByte(gid, '/')+1:]
	gid, _, _ = strings.Cut(gid, "?")
	return gid
}
