package sdk

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"

	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/internal/codec"
	"github.com/musubi-run/musubi/sdk/internal/schema"
)

// SettingsType is the Go type of a connection's settings, see [Settings].
type SettingsType struct{ goType reflect.Type }

// Settings declares that T, a struct, holds a connection's settings. Tags say
// what ops need to know: json (the name; omitempty or omitzero: not required),
// doc and ja (what it is), default, enum ("a,b"), format. Fields that are
// pointers or have a default are not required either.
func Settings[T any]() SettingsType {
	return SettingsType{goType: reflect.TypeFor[T]()}
}

func (s SettingsType) schema() (*abi.Schema, error) {
	if s.goType == nil {
		return nil, errors.New("they are not declared: use sdk.Settings[settings]()")
	}
	return schema.Of(s.goType)
}

// settings are those of the connection that an instance works for, decoded at
// most once: they are the same with every call.
type settings struct {
	raw     []byte
	baseURL string
	decoded any
}

// use makes raw, of the type that the connector declared, the current settings.
// What does not fit is told at once, whatever the call needs of it.
func (s *settings) use(raw []byte, declared SettingsType) error {
	if s.raw != nil && bytes.Equal(s.raw, raw) {
		return nil
	}
	var common struct {
		BaseURL string `json:"base_url"`
	}
	if len(raw) > 0 {
		if err := codec.Unmarshal(raw, &common); err != nil {
			return &abi.Error{Kind: abi.Config, Message: fmt.Sprintf("reading the settings: %v", err)}
		}
	}
	decoded, err := declared.decode(raw)
	if err != nil {
		return &abi.Error{Kind: abi.Config, Message: fmt.Sprintf("reading the settings: %v", err)}
	}
	*s = settings{raw: bytes.Clone(raw), baseURL: common.BaseURL, decoded: decoded}
	return nil
}

// decode reads settings with defaults filled in.
func (s SettingsType) decode(raw []byte) (any, error) {
	if s.goType == nil {
		return nil, nil //nolint:nilnil // a connector without a type is refused by its manifest
	}
	value := reflect.New(s.goType)
	err := codec.UnmarshalSettings(object(raw), value.Interface())
	return value.Elem().Interface(), err
}

// SettingsOf returns the connection's settings as T, the type that the
// connector declared, with defaults filled in. The error is of kind Config.
func SettingsOf[T any](call *Call) (T, error) {
	s := &call.instance.settings
	if decoded, ok := s.decoded.(T); ok {
		return decoded, nil
	}
	var value T
	if err := codec.UnmarshalSettings(object(s.raw), &value); err != nil {
		return value, &abi.Error{Kind: abi.Config, Message: fmt.Sprintf("reading the settings: %v", err)}
	}
	s.decoded = value
	return value, nil
}

// object returns body, or an empty object if there is none.
func object(body []byte) []byte {
	if len(body) == 0 {
		return []byte("{}")
	}
	return body
}
