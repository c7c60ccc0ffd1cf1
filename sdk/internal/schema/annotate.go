package schema

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/internal/codec"
)

// annotate adds what the tags of field say to its schema.
func annotate(s *abi.Schema, field reflect.StructField, at string) error {
	if doc, ok := field.Tag.Lookup("doc"); ok {
		s.Doc = doc
	}
	if ja, ok := field.Tag.Lookup("ja"); ok {
		s.DocJA = ja
	}
	if format, ok := field.Tag.Lookup("format"); ok {
		s.Format = format
	}
	if field.Tag.Get("declared") == "true" {
		s.Declared = true
	}
	if words, ok := field.Tag.Lookup("enum"); ok {
		if err := addEnum(s, words, at); err != nil {
			return err
		}
	}
	if text, ok := field.Tag.Lookup("default"); ok {
		return addDefault(s, text, at)
	}
	return nil
}

// addEnum sets the allowed words; for a list they are those of its items.
func addEnum(s *abi.Schema, words, at string) error {
	if s.Type == abi.TypeArray {
		s = s.Items
	}
	if s.Type != abi.TypeString {
		return fmt.Errorf("%s: enum is for strings, not for %q", at, s.Type)
	}
	s.Enum = strings.Split(words, ",")
	return nil
}

// addDefault sets the default, written the way a person writes it: text for a
// string, JSON for the rest.
func addDefault(s *abi.Schema, text, at string) error {
	if s.Type == abi.TypeString {
		if s.Enum != nil && !slices.Contains(s.Enum, text) {
			return fmt.Errorf("%s: the default %q is not among %s", at, text, strings.Join(s.Enum, ", "))
		}
		quoted, err := codec.Marshal(text)
		s.Default = quoted
		return err
	}
	if !fits(s.Type, text) {
		return fmt.Errorf("%s: the default %s is not of type %s", at, text, s.Type)
	}
	s.Default = json.RawMessage(text)
	return nil
}

func fits(t abi.SchemaType, text string) bool {
	var err error
	switch t {
	case abi.TypeInteger:
		_, err = strconv.ParseInt(text, 10, 64)
	case abi.TypeBoolean:
		return text == "true" || text == "false"
	case abi.TypeArray:
		err = codec.Unmarshal([]byte(text), new([]any))
	case abi.TypeObject:
		err = codec.Unmarshal([]byte(text), new(map[string]any))
	case abi.TypeNumber:
		err = codec.Unmarshal([]byte(text), new(float64))
	default:
		err = codec.Unmarshal([]byte(text), new(any))
	}
	return err == nil
}
