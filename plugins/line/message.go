package main

import (
	"strings"
	"unicode/utf16"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
)

// message is a message object under LINE's own names, so that what the Flex
// Message Simulator and the reference show can be pasted into a rule.
type message struct {
	Type               string         `json:"type" enum:"text,textV2,image,video,audio,sticker,location,imagemap,template,flex,coupon" doc:"Kind of message" ja:"メッセージの種類"`
	Text               string         `json:"text,omitempty" doc:"For text and textV2: the text, up to 5,000 characters" ja:"text・textV2: 本文(5,000文字まで)"`
	Emojis             []any          `json:"emojis,omitempty" doc:"For text: LINE emojis within the text" ja:"text: LINE絵文字"`
	Substitution       map[string]any `json:"substitution,omitempty" doc:"For textV2: what stands for {name} in the text" ja:"textV2: 本文の{名前}を置き換えるもの"`
	QuoteToken         string         `json:"quoteToken,omitempty" doc:"Token of the message that is quoted" ja:"引用するメッセージのトークン"`
	OriginalContentURL string         `json:"originalContentUrl,omitempty" doc:"For image, video and audio: address of the file, https" ja:"image・video・audio: ファイルのURL(https)"`
	PreviewImageURL    string         `json:"previewImageUrl,omitempty" doc:"For image and video: address of the preview, https" ja:"image・video: プレビュー画像のURL(https)"`
	PackageID          string         `json:"packageId,omitempty" doc:"For sticker: the package" ja:"sticker: パッケージID"`
	StickerID          string         `json:"stickerId,omitempty" doc:"For sticker: the sticker" ja:"sticker: スタンプID"`
	AltText            string         `json:"altText,omitempty" doc:"For template, flex and imagemap: what notifications show, up to 1,500 characters" ja:"template・flex・imagemap: 通知に表示される代替テキスト(1,500文字まで)"`
	Template           map[string]any `json:"template,omitempty" doc:"For template: buttons, confirm, carousel or image_carousel" ja:"template: buttons・confirm・carousel・image_carousel"`
	Contents           map[string]any `json:"contents,omitempty" doc:"For flex: a bubble or a carousel" ja:"flex: bubbleまたはcarousel"`
	QuickReply         map[string]any `json:"quickReply,omitempty" doc:"Buttons below the last message" ja:"最後のメッセージに付くクイックリプライ"`
	Sender             map[string]any `json:"sender,omitempty" doc:"Name and icon to send under" ja:"送信者の表示名とアイコン"`
	More               map[string]any `json:"more,omitempty" doc:"Further fields of the message object, as they stand in LINE's reference" ja:"そのほかの項目(LINEのリファレンスの名前のまま)"`
}

// The platform's limits on messages.
const (
	maxMessages   = 5
	maxText       = 5000
	maxAltText    = 1500
	maxBubble     = 30 << 10
	maxCarousel   = 50 << 10
	maxBubbles    = 12
	emptyTextSign = "-"
)

// prepare checks messages against the limits that LINE tells only after a
// request, and returns them as they are sent: addresses percent-encoded, an
// empty text within a Flex message, which LINE refuses with all the rest, as "-".
func prepare(messages []message) ([]any, error) {
	if len(messages) == 0 || len(messages) > maxMessages {
		return nil, sdk.Errorf(abi.Invalid, "messages: from 1 to %d can be sent at once, there are %d", maxMessages, len(messages))
	}
	ready := make([]any, 0, len(messages))
	for i := range messages {
		sent, err := messages[i].prepare()
		if err != nil {
			return nil, sdk.Errorf(abi.Invalid, "messages[%d]: %w", i, err)
		}
		ready = append(ready, sent)
	}
	return ready, nil
}

func (m *message) prepare() (map[string]any, error) {
	if err := m.check(); err != nil {
		return nil, err
	}
	text, err := sdk.Encode(m)
	if err != nil {
		return nil, err
	}
	var sent map[string]any
	if err := sdk.Decode(text, &sent); err != nil {
		return nil, err
	}
	delete(sent, "more")
	for name, value := range m.More {
		sent[name] = value
	}
	polish(sent, m.Type == "flex")
	if m.Type == "flex" {
		return sent, checkFlex(sent["contents"])
	}
	return sent, nil
}

// units counts UTF-16 code units, as LINE does.
func units(text string) int { return len(utf16.Encode([]rune(text))) }

// check finds what is missing or too long.
func (m *message) check() error {
	switch m.Type {
	case "text", "textV2":
		if n := units(m.Text); n == 0 || n > maxText {
			return sdk.Errorf(abi.Invalid, "the text has %d characters, it may have from 1 to %d", n, maxText)
		}
	case "template", "flex":
		if n := units(m.AltText); n == 0 || n > maxAltText {
			return sdk.Errorf(abi.Invalid, "altText has %d characters, it may have from 1 to %d", n, maxAltText)
		}
		if (m.Type == "flex" && m.Contents == nil) || (m.Type == "template" && m.Template == nil) {
			return sdk.Errorf(abi.Invalid, "a %s message needs its %s", m.Type, map[string]string{"flex": "contents", "template": "template"}[m.Type])
		}
	}
	return nil
}

// checkFlex measures a Flex message the way LINE does, as JSON.
func checkFlex(contents any) error {
	container, ok := contents.(map[string]any)
	if !ok {
		return sdk.Errorf(abi.Invalid, "contents must be a bubble or a carousel")
	}
	limit := maxBubble
	if container["type"] == "carousel" {
		limit = maxCarousel
		bubbles, isList := container["contents"].([]any)
		if !isList || len(bubbles) == 0 || len(bubbles) > maxBubbles {
			return sdk.Errorf(abi.Invalid, "a carousel holds from 1 to %d bubbles, there are %d", maxBubbles, len(bubbles))
		}
		for i, bubble := range bubbles {
			if err := checkSize(bubble, maxBubble); err != nil {
				return sdk.Errorf(abi.Invalid, "bubble %d: %w", i+1, err)
			}
		}
	}
	return checkSize(container, limit)
}

func checkSize(value any, limit int) error {
	text, err := sdk.Encode(value)
	if err != nil {
		return err
	}
	if len(text) > limit {
		return sdk.Errorf(abi.Invalid, "the Flex message has %d bytes, it may have %d", len(text), limit)
	}
	return nil
}

// polish goes through a message object and all within, and mends it in place.
func polish(value any, flex bool) {
	switch v := value.(type) {
	case []any:
		for _, item := range v {
			polish(item, flex)
		}
	case map[string]any:
		for name, inner := range v {
			if text, ok := inner.(string); ok && isAddress(name) {
				v[name] = percentEncode(text)
				continue
			}
			polish(inner, flex)
		}
		holdsText := v["type"] == "span" || (v["type"] == "text" && v["contents"] == nil)
		if text, ok := v["text"].(string); ok && flex && holdsText && strings.TrimSpace(text) == "" {
			v["text"] = emptyTextSign
		}
	}
}

// isAddress says whether a property of that name holds an address: url, uri, imageUrl, linkUri.
func isAddress(name string) bool {
	lower := strings.ToLower(name)
	return strings.HasSuffix(lower, "url") || strings.HasSuffix(lower, "uri") || lower == "desktop"
}

// percentEncode encodes what an address must not hold as it is, Japanese paths
// above all, and leaves what is encoded already.
func percentEncode(address string) string {
	const hexadecimal = "0123456789ABCDEF"
	var out strings.Builder
	for i := range len(address) {
		c := address[i]
		if c > ' ' && c < 0x7f && !strings.ContainsRune("\"<>\\^`{|}", rune(c)) {
			out.WriteByte(c)
			continue
		}
		out.WriteByte('%')
		out.WriteByte(hexadecimal[c>>4])
		out.WriteByte(hexadecimal[c&0xf])
	}
	return out.String()
}
