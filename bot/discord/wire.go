package discord

import (
	"encoding/json"
	"errors"
	"strings"

	"github.com/bwmarrin/discordgo"

	"optoutbot/bot"
)

// The forms of what Discord sends, with the fields that the adapter looks at and
// no others: discordgo's types refuse a message for one component of a kind
// that they do not know, and hand on what they have decoded by then.

// interaction is something that a person does with the bot.
type interaction struct {
	ID          string                    `json:"id"`
	App         string                    `json:"application_id"`
	Type        discordgo.InteractionType `json:"type"`
	Token       string                    `json:"token"`
	Guild       string                    `json:"guild_id"`
	Channel     string                    `json:"channel_id"`
	Context     *int                      `json:"context"`
	Locale      string                    `json:"locale"`
	GuildLocale string                    `json:"guild_locale"`
	Member      *member                   `json:"member"`
	User        *user                     `json:"user"`
	Owners      map[string]any            `json:"authorizing_integration_owners"`
	Data        data                      `json:"data"`
	Message     *message                  `json:"message"`
}

type member struct {
	User        *user  `json:"user"`
	Permissions string `json:"permissions"`
}

type user struct {
	ID  string `json:"id"`
	Bot bool   `json:"bot"`
}

// data is what a command, a component or a form carries.
type data struct {
	Name     string                           `json:"name"`
	Kind     discordgo.ApplicationCommandType `json:"type"`
	Options  []option                         `json:"options"`
	Target   string                           `json:"target_id"`
	Resolved struct {
		Messages map[string]*message `json:"messages"`
	} `json:"resolved"`
	CustomID string   `json:"custom_id"`
	Values   []string `json:"values"`
}

type option struct {
	Name    string          `json:"name"`
	Value   json.RawMessage `json:"value"`
	Focused bool            `json:"focused"`
}

// text is the option's value, if it is a text.
func (o option) text() string {
	var s string
	if json.Unmarshal(o.Value, &s) != nil {
		return ""
	}
	return s
}

// message is a message of anybody.
type message struct {
	ID        string                 `json:"id"`
	Channel   string                 `json:"channel_id"`
	Guild     string                 `json:"guild_id"`
	Content   string                 `json:"content"`
	Type      discordgo.MessageType  `json:"type"`
	Flags     discordgo.MessageFlags `json:"flags"`
	Author    *user                  `json:"author"`
	Webhook   string                 `json:"webhook_id"`
	Mentions  []user                 `json:"mentions"`
	Answers   *message               `json:"referenced_message"`
	Snapshots []struct {
		Message message `json:"message"`
	} `json:"message_snapshots"`
	Embeds []struct {
		Title       string `json:"title"`
		Description string `json:"description"`
	} `json:"embeds"`
	Components json.RawMessage `json:"components"`
}

// text is what a message says: its own words, else those that it passes on.
func (m *message) text() string {
	if m == nil {
		return ""
	}
	parts := []string{m.Content}
	for _, s := range m.Snapshots {
		parts = append(parts, s.Message.Content)
	}
	if strings.TrimSpace(strings.Join(parts, "")) == "" {
		for _, e := range m.Embeds {
			parts = append(parts, e.Title, e.Description)
		}
	}
	return strings.TrimSpace(strings.Join(parts, "\n"))
}

// isMenu reports whether a message of the bot is a menu, which turns into what
// is chosen. An answer has links; it stays, and what is chosen comes below it.
func (m *message) isMenu() bool {
	return m != nil && len(m.Components) > 0 && !strings.Contains(string(m.Components), `"url"`)
}

// errBare marks an interaction that can only be apologised for.
var errBare = errors.New("the interaction has another form than expected")

// decodeInteraction reads an interaction. Of one that has another form it gives,
// with an error, what is needed to answer it at all, if that can be found.
func decodeInteraction(raw []byte) (*interaction, error) {
	var i interaction
	err := json.Unmarshal(raw, &i)
	if err == nil && (i.ID == "" || i.Type == 0) {
		err = errBare
	}
	if err == nil {
		return &i, nil
	}
	var bare struct {
		ID     string                    `json:"id"`
		Type   discordgo.InteractionType `json:"type"`
		Token  string                    `json:"token"`
		Locale any                       `json:"locale"`
	}
	if json.Unmarshal(raw, &bare) != nil || bare.ID == "" || bare.Token == "" {
		return nil, err
	}
	locale, _ := bare.Locale.(string) // English when there is none
	return &interaction{ID: bare.ID, Type: bare.Type, Token: bare.Token, Locale: locale}, err
}

// person is who did it, or "".
func (i *interaction) person() string {
	switch {
	case i.Member != nil && i.Member.User != nil:
		return i.Member.User.ID
	case i.User != nil:
		return i.User.ID
	}
	return ""
}

// alone reports whether it is the private chat of the person with the bot, where
// nobody else reads along.
func (i *interaction) alone() bool {
	if i.Context != nil {
		return discordgo.InteractionContextType(*i.Context) == discordgo.InteractionContextBotDM
	}
	return i.Guild == ""
}

// outside reports whether the bot is there only because the person installed
// it: Discord then allows five further messages.
func (i *interaction) outside() bool {
	if _, guild := i.Owners["0"]; guild || i.alone() {
		return false
	}
	_, person := i.Owners["1"]
	return person
}

// own is the place whose choices are the person's own.
func (i *interaction) own() bot.Place { return personal(i.person()) }

func personal(id string) bot.Place {
	if id == "" {
		return bot.Place{}
	}
	return bot.Place{Platform: platform, ID: "u" + id}
}

// server is the place whose choices hold for all in a server; the zero Place
// elsewhere.
func server(guild string) bot.Place {
	if guild == "" {
		return bot.Place{}
	}
	return bot.Place{Platform: platform, ID: "g" + guild}
}

const platform = "discord"
