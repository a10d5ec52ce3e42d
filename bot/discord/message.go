package discord

import (
	"context"
	"errors"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/bwmarrin/discordgo"
	"golang.org/x/time/rate"

	"optoutbot/bot"
)

// lastSeen is what is remembered of a channel, so that what was said while a
// session was lost can be found.
type lastSeen struct {
	message string // the last one's id
	guild   string
}

// takeMessage answers a message if it is for the bot, and reports whether it is
// and comes for the first time. With wait it waits for room until ctx ends.
func (a *Adapter) takeMessage(ctx context.Context, m *message, wait bool) bool {
	a.channels.change(m.Channel, func(l lastSeen, _ bool) lastSeen {
		if later(m.ID, l.message) {
			l.message = m.ID
		}
		l.guild = m.Guild
		return l
	})
	text, ok := a.question(m)
	if !ok {
		return false
	}
	if !a.seen.first("m"+m.ID, struct{}{}) {
		a.counts.repeated.Add(1)
		return false
	}
	a.counts.questions.Add(1)
	task := func() {
		defer func() {
			if x := recover(); x != nil {
				a.panicked(x, debug.Stack())
				a.answered(a.say(m, sentence(a.profiles[0].Sorry)))
			}
		}()
		a.answerMessage(m, text)
	}
	if wait && a.slow.take(ctx, m.Channel, task) || !wait && a.slow.offer(m.Channel, task) {
		return true
	}
	a.failed(errors.New("too many messages at once, or the end"))
	return true
}

// later compares ids, which are numbers that grow.
func later(id, than string) bool { return len(id) > len(than) || len(id) == len(than) && id > than }

// question is what a message asks the bot, and whether it asks it anything: in
// a server one that mentions the bot or answers it, in private any.
func (a *Adapter) question(m *message) (string, bool) {
	me := a.me.Load()
	if me == nil || m.Author == nil || m.Author.ID == "" || m.Author.Bot || m.Webhook != "" || m.Author.ID == me.user {
		return "", false
	}
	if m.Type != discordgo.MessageTypeDefault && m.Type != discordgo.MessageTypeReply {
		return "", false
	}
	text := a.unmention(m.Content)
	if m.Guild == "" {
		return text, true
	}
	mentioned := text != strings.TrimSpace(m.Content)
	for _, u := range m.Mentions {
		mentioned = mentioned || u.ID == me.user
	}
	answers := m.Answers != nil && m.Answers.Author != nil && m.Answers.Author.ID == me.user
	if text == "" && mentioned && !answers {
		text = a.unmention(m.Answers.text()) // "what do you say to this?"
	}
	return text, mentioned || answers && text != ""
}

// unmention takes mentions of the bot out of a text.
func (a *Adapter) unmention(text string) string {
	if me := a.me.Load(); me != nil {
		text = strings.NewReplacer("<@"+me.user+">", "", "<@!"+me.user+">", "").Replace(text)
	}
	return strings.TrimSpace(text)
}

func (a *Adapter) answerMessage(m *message, text string) {
	at := server(m.Guild)
	if m.Guild == "" {
		at = personal(m.Author.ID)
	}
	switch a.patience.ask(m.Channel, m.Guild != "") {
	case stayQuiet:
		a.counts.quiet.Add(1)
		return
	case askForPatience:
		a.counts.quiet.Add(1)
		a.answered(a.say(m, sentence(a.profile(a.choices(a.work, at).Lang).Busy)))
		return
	}
	r, err := a.bot.Ask(a.work, bot.Question{Text: text, Place: at})
	a.errorOf("question not answered", err)
	a.answered(a.say(m, r))
}

func (a *Adapter) answered(err error) {
	if err != nil {
		a.failed(err)
		return
	}
	a.counts.answers.Add(1)
}

// say answers a message in its channel, in as many messages as it takes. Each
// has a nonce made of the question's id, so that it can be sent again.
func (a *Adapter) say(m *message, r bot.Reply) error {
	posts := render(r, a.named())
	for n, p := range posts {
		p.Nonce, p.EnforceNonce = m.ID+"-"+strconv.Itoa(n), true
		if n == 0 && m.Guild != "" {
			p.Reference = &reference{Message: m.ID}
		}
		var files []bot.File
		if n == len(posts)-1 {
			files = r.Files
		}
		err := a.send(m.Channel, p, files)
		if refused(err, http.StatusForbidden, 0) && len(p.Embeds) > 0 {
			bare := p.plain() // the bot may write here, but not embed
			bare.Nonce += "p"
			err = a.send(m.Channel, bare, nil)
		}
		if err != nil {
			return err
		}
		a.counts.messages.Add(1)
	}
	return nil
}

func (a *Adapter) send(channel string, p post, files []bot.File) error {
	return a.do(a.work, request{
		method: http.MethodPost, path: "/channels/" + channel + "/messages", name: "a message", body: p, files: files,
	}, try{key: "channel" + channel, twice: true})
}

// patience bounds the answers in a channel, so that nobody can make the bot
// flood it.
type patience struct {
	limits Limits
	now    func() time.Time
	moods  *recent[*mood]
}

type mood struct {
	answers *rate.Limiter
	told    bool // that it is too much
}

// verdict is what a channel may have.
type verdict int

const (
	answerIt verdict = iota
	askForPatience
	stayQuiet
)

// ask takes an answer of what the channel may have. The first that is too much
// is told so, the others nothing, until there is room again.
func (p *patience) ask(channel string, group bool) (v verdict) {
	n := p.limits.PrivateAnswers
	if group {
		n = p.limits.Answers
	}
	if n <= 0 {
		return answerIt
	}
	p.moods.change(channel, func(m *mood, known bool) *mood {
		if !known {
			m = &mood{answers: rate.NewLimiter(rate.Limit(float64(n)/time.Minute.Seconds()), n)}
		}
		enough := m.answers.AllowN(p.now(), 1)
		if v = answerIt; !enough {
			if v = askForPatience; m.told {
				v = stayQuiet
			}
		}
		m.told = !enough
		return m
	})
	return v
}
