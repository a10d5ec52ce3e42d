package telegram

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"unicode"

	tele "gopkg.in/telebot.v3"

	"optoutbot/bot"
)

// route tells telebot's router what is handled by what. Whatever has no
// handler here is passed over: edited messages, channel posts, service
// messages and kinds that do not exist yet.
func (a *Adapter) route() error {
	r, err := tele.NewBot(tele.Settings{
		Offline:     true, // the adapter makes the calls
		Synchronous: true, // the pool gives each update a goroutine
		OnError: func(err error, c tele.Context) {
			if c != nil {
				a.call(c).err = err
			}
		},
	})
	if err != nil {
		return fmt.Errorf("telegram: router: %w", err)
	}
	for _, kind := range []string{
		tele.OnText, tele.OnMedia, tele.OnContact, tele.OnLocation, tele.OnVenue, tele.OnDice,
	} {
		r.Handle(kind, a.onMessage)
	}
	r.Handle(tele.OnCallback, a.onPress)
	r.Handle(tele.OnQuery, a.onQuery)
	a.router = r
	return nil
}

// onMessage answers a message that asks the bot something.
func (a *Adapter) onMessage(c tele.Context) error {
	m := c.Message()
	text, ok := a.question(m)
	if !ok {
		return nil
	}
	ctx, p := a.call(c).ctx, placeOf(m)
	p.secret = a.call(c).secret
	q := bot.Question{Text: text, Lang: p.lang, Place: choicesOf(m)}
	switch a.patience.ask(p.chat, p.group) {
	case stayQuiet:
		a.counts.quiet.Add(1)
		return nil
	case askForPatience:
		a.counts.quiet.Add(1)
		return a.say(ctx, a.aim(p, bot.Reply{}), plainReply(a.profile(p.lang).Busy))
	}
	if q.Chooses() && !a.mayChoose(ctx, m.Chat, m.Sender, m.SenderChat) {
		return a.say(ctx, a.aim(p, bot.Reply{}), plainReply(a.profile(p.lang).AdminsOnly))
	}
	r, err := a.bot.Ask(ctx, q)
	if err != nil {
		a.log.Error("question not answered", "err", err) // the reply says that something went wrong
	}
	return a.say(ctx, a.aim(p, r), r)
}

// mayChoose reports whether a person may choose for the chat: everybody in a
// private chat, in a group those who run it. Who speaks in the name of the
// group is one of them.
func (a *Adapter) mayChoose(ctx context.Context, chat *tele.Chat, person *tele.User, as *tele.Chat) bool {
	switch {
	case chat.Type == tele.ChatPrivate:
		return true
	case as != nil:
		return as.ID == chat.ID
	case person == nil:
		return false
	}
	var status string
	err := a.direct(ctx, func(ctx context.Context) (err error) {
		status, err = a.api.getChatMember(ctx, getChatMember{ChatID: chat.ID, UserID: person.ID})
		return err
	})
	if err != nil {
		a.log.Warn("telegram does not say who runs a group", "err", err)
	}
	return status == "creator" || status == "administrator"
}

// choicesOf is the place whose choices hold for a message: its chat.
func choicesOf(m *tele.Message) bot.Place {
	if m == nil || m.Chat == nil {
		return bot.Place{}
	}
	return bot.Place{Platform: "telegram", ID: strconv.FormatInt(m.Chat.ID, 10)}
}

// question is what a message asks the bot, and whether it asks it anything. In
// groups the bot answers commands, mentions of it and replies to it, and
// nothing else.
func (a *Adapter) question(m *tele.Message) (string, bool) {
	if m.Chat == nil || !fromPerson(m) || m.Via != nil && m.Via.ID == a.router.Me.ID {
		return "", false
	}
	private := m.Chat.Type == tele.ChatPrivate
	if !private && m.Chat.Type != tele.ChatGroup && m.Chat.Type != tele.ChatSuperGroup {
		return "", false
	}
	text, entities := m.Text, m.Entities
	if text == "" {
		text, entities = m.Caption, m.CaptionEntities
	}
	if name, arg, ok := a.command(text); ok {
		if (name == "check" || name == "ask") && arg == "" {
			text = "/" + name + " " + quoted(m)
		}
		return text, true
	}
	if private {
		return text, true
	}
	if strings.HasPrefix(text, "/") {
		return "", false // a command of another bot
	}
	if rest, ok := a.mentioned(text, entities); ok {
		if strings.TrimSpace(rest) == "" {
			rest = quoted(m)
		}
		return rest, true
	}
	toBot := m.ReplyTo != nil && m.ReplyTo.Sender != nil && m.ReplyTo.Sender.ID == a.router.Me.ID
	return text, toBot && text != ""
}

// fromPerson reports whether a person wrote the message: not a bot, not
// something forwarded from one, not a channel's post in its group. Who speaks
// for a group or a channel is a person under the name of one of Telegram's own
// bots.
func fromPerson(m *tele.Message) bool {
	switch {
	case m.AutomaticForward:
		return false
	case m.OriginalSender != nil && m.OriginalSender.IsBot:
		return false
	case m.Origin != nil && m.Origin.Sender != nil && m.Origin.Sender.IsBot:
		return false
	case m.SenderChat != nil:
		return true
	}
	return m.Sender != nil && !m.Sender.IsBot
}

// command takes a command of this bot apart. In a group one that the bot does
// not know is another's.
func (a *Adapter) command(text string) (name, arg string, ok bool) {
	rest, ok := strings.CutPrefix(text, "/")
	if !ok {
		return "", "", false
	}
	word := rest
	if i := strings.IndexFunc(rest, unicode.IsSpace); i >= 0 {
		word, arg = rest[:i], strings.TrimSpace(rest[i:])
	}
	name, to, _ := strings.Cut(strings.ToLower(word), "@")
	if to != "" && !strings.EqualFold(to, a.router.Me.Username) {
		return "", "", false
	}
	for _, c := range a.profiles[0].Commands {
		if c.Name == name {
			return name, arg, true
		}
	}
	return "", "", false
}

// quoted is what the message replies to: the part that the person chose, or
// the whole text.
func quoted(m *tele.Message) string {
	switch {
	case m.Quote != nil && m.Quote.Text != "":
		return m.Quote.Text
	case m.ReplyTo == nil:
		return ""
	case m.ReplyTo.Text != "":
		return m.ReplyTo.Text
	}
	return m.ReplyTo.Caption
}

// maxEntities is how many entities of a message are looked at: as many as
// Telegram gives one.
const maxEntities = 100

// mentioned takes the mentions of the bot out of a text, and reports whether
// there were any.
func (a *Adapter) mentioned(text string, entities tele.Entities) (rest string, found bool) {
	at := 0
	var b strings.Builder
	for _, e := range entities[:min(len(entities), maxEntities)] {
		if e.Offset < 0 || e.Length <= 0 {
			continue
		}
		from := offsetOf(text, e.Offset)
		to := from + offsetOf(text[from:], e.Length)
		byName := e.Type == tele.EntityMention && strings.EqualFold(text[from:to], "@"+a.router.Me.Username)
		byID := e.Type == tele.EntityTMention && e.User != nil && e.User.ID == a.router.Me.ID
		if from < at || !byName && !byID {
			continue
		}
		b.WriteString(text[at:from])
		at, found = to, true
	}
	b.WriteString(text[at:])
	return b.String(), found
}

// profile is the profile in a language, or in English.
func (a *Adapter) profile(lang string) bot.Profile {
	lang, _, _ = strings.Cut(lang, "-")
	for _, p := range a.profiles {
		if p.Lang == lang {
			return p
		}
	}
	return a.profiles[0]
}

// plainReply is a reply of one sentence.
func plainReply(text string) bot.Reply {
	return bot.Reply{Blocks: []bot.Block{{Items: []bot.Item{{{Text: text}}}}}}
}
