// Package sdk is what a connector is written with. A connector is one value of
// type [Connector] that declares everything: settings, secrets, hosts,
// authentication, limits, triggers and actions, each with its Go types. The
// manifest and its schemas are derived from it, so they cannot drift from the code.
//
// The folder's main.go registers it and does nothing else:
//
//	func init() { sdk.Register(connector) }
//
//	func main() {}
//
// A handler gets a [Call]: the connection's settings, the host's clock, and
// requests to the platform. It must not read the time, start goroutines or
// keep state in variables; instances come and go.
//
// JSON numbers that land in a value of type any are int64 when they are whole,
// float64 otherwise, and json.Number when they are whole and beyond int64.
package sdk

import (
	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/internal/guest"
	"github.com/musubi-run/musubi/sdk/rest"
)

// Connector is the code for one platform. It is declared once and never changed.
type Connector struct {
	// ID is the folder's name: lower-case letters, digits, hyphens.
	ID string
	// Version is the connector's own, such as "1.0.0".
	Version string
	Title   abi.Text
	// Settings are what ops write for a connection; see [Settings]. Every
	// connector has the setting base_url.
	Settings SettingsType
	// Secrets are what the host keeps; a connector never sees their values.
	Secrets []abi.Secret
	// Hosts are the only places that requests may go to: origins, or settings
	// that hold one, as "{base_url}".
	Hosts []string
	// Auth lists the ways to authenticate, the default first. None: requests carry no credential.
	Auth []abi.AuthScheme
	// Limits is how fast the platform lets one connection go: requests, points
	// (see [Call.Learn]), and the header fields that say how much is left. The
	// host keeps to it; a handler never waits or counts.
	Limits abi.Limits

	// Webhook says how deliveries are checked and read; the zero Webhook means there are none.
	Webhook  Webhook
	Triggers []Trigger
	Actions  []Action
	// Records makes the platform a record store; nil if it is none.
	Records *Records

	// ReadError turns an answer other than 2xx into an *abi.Error; nil, or a
	// nil result, means [rest.StatusError].
	ReadError func(*rest.Response) error
}

// Register makes c this plugin's connector. It is called once, from init.
func Register(c *Connector) { guest.Serve(&plugin{instance: c.Instance(wasmHost{})}) }
