// Package guest is the plugin's end of the ABI: the functions it exports, the
// host's functions that it calls, and the memory that both see. Frames go in
// and out as bytes; what they mean is the business of package sdk.
package guest

// Handler is what a plugin does. Its results stay unchanged until its next call.
type Handler interface {
	// Call answers a call frame with a reply frame.
	Call(frame []byte) []byte
	// Describe returns the manifest, JSON.
	Describe() []byte
}

// handler is the one connector of this plugin. The exported functions have no
// receiver, so it has to live here.
var handler Handler

// Serve makes h the plugin. It is called once, from the connector's init.
func Serve(h Handler) {
	if handler != nil {
		panic("sdk: a plugin registers one connector, this one registers two")
	}
	handler = h
	saveMemory()
}
