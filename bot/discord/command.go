package discord

import (
	"context"
	"strings"

	"github.com/bwmarrin/discordgo"

	"optoutbot/bot"
)

// Names of the commands that only Discord has. Those of a message's menu are
// what people read; they are known by their English name.
const (
	setupCommand = "setup"
	startCommand = "start" // Telegram sends it when a chat begins; here nothing does
)

// entryPrefix begins the value of a suggestion: an entry's id follows.
const entryPrefix = "topic:"

// onCommand answers a command.
func (a *Adapter) onCommand(ctx context.Context, i *interaction) said {
	if i.Data.Kind == discordgo.MessageApplicationCommand {
		return a.onMessageCommand(ctx, i)
	}
	if i.Data.Name == setupCommand {
		return a.setup(ctx, i, "")
	}
	c, known := a.command(i.Data.Name)
	text := ""
	for _, o := range i.Data.Options {
		if o.Name == c.Text || c.Text == "" {
			text = o.text()
		}
	}
	words := "/" + i.Data.Name + " " + text
	if id, ok := strings.CutPrefix(text, entryPrefix); ok && known {
		if r, err := a.bot.Ask(ctx, bot.Question{Text: "/topics " + id, Lang: a.lang(i.Locale), Place: i.own()}); err == nil && r.Entry == id {
			words = "/topics " + id
		}
	}
	chosen := a.choices(ctx, server(i.Guild))
	public := chosen.Public && c.Group && !i.alone()
	q := bot.Question{Text: words, Lang: a.lang(i.Locale), Place: i.own()}
	if public {
		q.Lang, q.Place = a.lang(i.GuildLocale), server(i.Guild)
	}
	r, err := a.bot.Ask(ctx, q)
	a.errorOf("question not answered", err)
	return a.reply(i, r, public)
}

// command finds a command of the bot by its name.
func (a *Adapter) command(name string) (bot.Command, bool) {
	for _, c := range a.profiles[0].Commands {
		if c.Name == name {
			return c, true
		}
	}
	return bot.Command{}, false
}

// onMessageCommand answers a command of a message's menu: the claim in the
// message, or the question in it. It is for the person alone, so that nobody is
// corrected in front of all against his will.
func (a *Adapter) onMessageCommand(ctx context.Context, i *interaction) said {
	m := i.Data.Resolved.Messages[i.Data.Target]
	name := "/ask "
	if i.Data.Name == a.profiles[0].Words["discord_check"] {
		name = "/check "
	}
	r, err := a.bot.Ask(ctx, bot.Question{Text: name + a.unmention(m.text()), Lang: a.lang(i.Locale), Place: i.own()})
	a.errorOf("question not answered", err)
	return a.reply(i, r, false)
}

// onTyping completes what a person types.
func (a *Adapter) onTyping(ctx context.Context, i *interaction) said {
	typed := ""
	for _, o := range i.Data.Options {
		if o.Focused {
			typed = o.text()
		}
	}
	lang := i.Locale
	if c := a.choices(ctx, i.own()); c.Lang != "" {
		lang = c.Lang
	}
	found, err := a.bot.Suggest(ctx, typed, a.lang(lang), perMenu)
	a.errorOf("suggestions not found", err)
	out := suggestions{[]suggestion{}}
	for _, s := range found[:min(len(found), perMenu)] {
		name := clip(clean(s.Title), maxChoice)
		if name != "" && units(entryPrefix+s.ID) <= maxChoice {
			out.Choices = append(out.Choices, suggestion{name, entryPrefix + s.ID})
		}
	}
	return said{answer: answer{discordgo.InteractionApplicationCommandAutocompleteResult, out}}
}

// onPress answers a press, a choice from a menu, and whatever else may come.
func (a *Adapter) onPress(ctx context.Context, i *interaction) said {
	id := i.Data.CustomID
	if again, ok := strings.CutPrefix(id, showPrefix); ok {
		return a.show(ctx, i, again)
	}
	if strings.HasPrefix(id, pickPrefix) && len(i.Data.Values) > 0 {
		id = i.Data.Values[0]
	}
	if pressed, ok := strings.CutPrefix(id, setupPrefix); ok {
		return a.setup(ctx, i, pressed)
	}
	chosen := a.choices(ctx, server(i.Guild))
	p := bot.Press{Data: id, Lang: a.lang(i.Locale), Place: i.own()}
	r, err := a.bot.Press(ctx, p)
	a.errorOf("press", err)
	if isToast(r) {
		return a.tell(i, r, !i.alone())
	}
	private := i.alone() || i.Message != nil && i.Message.Flags&discordgo.MessageFlagsEphemeral != 0
	s := a.reply(i, r, chosen.Public && !private)
	if private && i.Message.isMenu() && len(s.rest) == 0 && len(s.files) == 0 {
		s.answer.Type = discordgo.InteractionResponseUpdateMessage
	}
	return s
}

// show shows a reply to all, in the language of the server.
func (a *Adapter) show(ctx context.Context, i *interaction, again string) said {
	lang := i.GuildLocale
	if c := a.choices(ctx, server(i.Guild)); c.Lang != "" {
		lang = c.Lang
	}
	if lang == "" {
		lang = i.Locale
	}
	r, err := a.bot.Press(ctx, bot.Press{Data: again, Lang: a.lang(lang)})
	a.errorOf("press", err)
	return a.tell(i, r, !i.alone() && (r.Again == "" || r.Private))
}

// isToast reports whether a reply is a word of thanks and nothing to go on with.
func isToast(r bot.Reply) bool {
	return r.Title == "" && len(r.Blocks) == 1 && len(r.Rows) == 0 && len(r.Links) == 0 && len(r.Files) == 0
}
