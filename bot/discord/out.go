package discord

import (
	"strings"

	"github.com/bwmarrin/discordgo"

	"optoutbot/bot"
)

// The forms of what is sent. They are the adapter's own where discordgo would
// write null for an empty list, or encodes each component three times over.

// answer is the answer to an interaction.
type answer struct {
	Type discordgo.InteractionResponseType `json:"type"`
	Data any                               `json:"data,omitempty"`
}

// post is a message.
type post struct {
	Content    string                    `json:"content,omitempty"`
	Embeds     []*discordgo.MessageEmbed `json:"embeds"`
	Components []row                     `json:"components"`
	Mentions   mentions                  `json:"allowed_mentions"`
	Flags      discordgo.MessageFlags    `json:"flags,omitempty"`

	// In a channel only.
	Nonce        string     `json:"nonce,omitempty"`
	EnforceNonce bool       `json:"enforce_nonce,omitempty"`
	Reference    *reference `json:"message_reference,omitempty"`
}

// mentions says that a message pings nobody.
type mentions struct {
	Parse   []string `json:"parse"`
	Replied bool     `json:"replied_user"`
}

// reference puts a message under another.
type reference struct {
	Message string `json:"message_id"`
	Fail    bool   `json:"fail_if_not_exists"`
}

type row struct {
	Type  discordgo.ComponentType `json:"type"`
	Parts []component             `json:"components"`
}

// component is a button or a select menu.
type component struct {
	Type        discordgo.ComponentType `json:"type"`
	Style       discordgo.ButtonStyle   `json:"style,omitempty"`
	Label       string                  `json:"label,omitempty"`
	URL         string                  `json:"url,omitempty"`
	ID          string                  `json:"custom_id,omitempty"`
	Placeholder string                  `json:"placeholder,omitempty"`
	Options     []choice                `json:"options,omitempty"`
}

// choice is a line of a select menu.
type choice struct {
	Label   string `json:"label"`
	Value   string `json:"value"`
	Default bool   `json:"default,omitempty"`
}

// suggestions are the choices that complete what a person types.
type suggestions struct {
	Choices []suggestion `json:"choices"`
}

type suggestion struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

func newPost() post {
	return post{Embeds: []*discordgo.MessageEmbed{}, Components: []row{}, Mentions: mentions{Parse: []string{}}}
}

// plain is the post without an embed, for channels where the bot must not embed
// anything. What does not fit is left out.
func (p post) plain() post {
	var parts []string
	for _, e := range p.Embeds {
		for _, s := range []string{e.Title, e.Description} {
			if s != "" {
				parts = append(parts, s)
			}
		}
	}
	p.Embeds = []*discordgo.MessageEmbed{}
	p.Content = clip(strings.Join(parts, "\n\n"), maxContent)
	p.Flags |= discordgo.MessageFlagsSuppressEmbeds
	return p
}

// sentence is a reply of one sentence.
func sentence(text string) bot.Reply {
	return bot.Reply{Blocks: []bot.Block{{Kind: bot.Paragraph, Items: []bot.Item{{{Text: text}}}}}}
}
