package main

import (
	"encoding/xml"
	"strings"
	"testing"
)

// outline writes a document the way the tests compare it: names with their
// namespaces, attributes, text, nesting.
func outline(input string) (string, error) {
	r := &xmlReader{input: input}
	root, err := r.root()
	if err != nil {
		return "", err
	}
	var b strings.Builder
	err = r.outline(&b, root)
	return b.String(), err
}

func (r *xmlReader) outline(b *strings.Builder, e xmlElement) error {
	b.WriteString("(" + e.name.space + "|" + e.name.local)
	for _, a := range e.attrs {
		b.WriteString(" " + a.name.space + "|" + a.name.local + "=" + a.value)
	}
	err := r.children(func(inner xmlElement) error { return r.outline(b, inner) })
	b.WriteString(")")
	return err
}

func TestXMLNamespaces(t *testing.T) {
	for input, want := range map[string]string{
		`<a/>`: `(|a)`,
		`<?xml version="1.0"?><!-- x --><a b='1' c="&lt;2"></a >`:       `(|a |b=1 |c=<2)`,
		`<a xmlns="u"><b/><c xmlns=""><d/></c><e/></a>`:                 `(u|a(u|b)(|c(|d))(u|e))`,
		`<p:a xmlns:p="u" p:x="1" y="2"><p:b xmlns:p="v"/><p:c/></p:a>`: `(u|a u|x=1 |y=2(v|b)(u|c))`,
	} {
		if got, err := outline(input); err != nil || got != want {
			t.Errorf("%s is %s, %v; want %s", input, got, err, want)
		}
	}
}

func TestXMLText(t *testing.T) {
	r := &xmlReader{input: `<a>1 &amp; &#50;&#x33;<b>not this</b><![CDATA[<4>&amp;]]><!-- nor this --> 5</a>`}
	if _, err := r.root(); err != nil {
		t.Fatal(err)
	}
	if got, err := r.text(); err != nil || got != "1 & 23<4>&amp; 5" {
		t.Errorf("%q, %v", got, err)
	}
}

func TestXMLThatIsNone(t *testing.T) {
	for _, input := range []string{
		"", "x", "x<a/>", "<", "<a", "<a>", "<a></b>", "</a>", "<a b></a>", "<a b=1/>", `<a b="1/>`, `<a b="<"/>`, "<a>&b;</a>", "<a>&#0;</a>",
		"<a>&#xD800;</a>", "<a>&amp</a>", "<p:a/>", "<:a/>", "<a:/>", "<xml:b:c/>", `<a p:b="1"/>`, "<!DOCTYPE a><a/>", "<a><![CDATA[</a>", "<a><!-- </a>", "< a/>", "<a>\xff</a>",
		strings.Repeat("<a>", xmlDepth+1) + strings.Repeat("</a>", xmlDepth+1),
	} {
		if got, err := outline(input); err == nil {
			t.Errorf("%.40q is %s", input, got)
		}
	}
}

// FuzzXML compares with encoding/xml: what we read, it reads too.
func FuzzXML(f *testing.F) {
	for _, seed := range []string{`<a/>`, `<p:a xmlns:p="u" p:x="1" y="2"><p:b>t&amp;<![CDATA[x]]></p:b></p:a>`, `<a xmlns="u"><b/></a>`, "<a>&#x41;</a>"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, input string) {
		got, err := outline(input)
		if err != nil {
			return
		}
		var want strings.Builder
		if err := expected(&want, input); err == nil && want.String() != got {
			t.Errorf("%q is %s, encoding/xml says %s", input, got, want.String())
		}
	})
}

// expected writes the outline as encoding/xml sees the document.
func expected(b *strings.Builder, input string) error {
	d := xml.NewDecoder(strings.NewReader(input))
	for depth := 0; ; {
		token, err := d.Token()
		if err != nil {
			return err
		}
		switch e := token.(type) {
		case xml.StartElement:
			depth++
			b.WriteString("(" + e.Name.Space + "|" + e.Name.Local)
			for _, a := range e.Attr {
				if a.Name.Space != "xmlns" && (a.Name.Space != "" || a.Name.Local != "xmlns") {
					b.WriteString(" " + a.Name.Space + "|" + a.Name.Local + "=" + a.Value)
				}
			}
		case xml.EndElement:
			b.WriteString(")")
			if depth--; depth == 0 {
				return nil
			}
		}
	}
}
