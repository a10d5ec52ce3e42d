package telegram

import (
	"context"
	"errors"
	"fmt"

	tele "gopkg.in/telebot.v3"

	"optoutbot/bot"
)

// place is where a reply goes.
type place struct {
	chat   int64
	group  bool
	thread int    // the forum topic, or 0
	under  int    // the message to reply to, or 0
	lang   string // of the person's program

	person int64    // who asked, or 0 if that is nobody to whom a message can be shown alone
	press  string   // the press that is answered, or empty
	secret int      // the number of the message if only the person and the bot see it, or 0
	only   *onlyFor // the reply is for one; nil for all
}

// generalTopic is the topic that every forum has. Naming it is an error.
const generalTopic = 1

// placeOf is where the answer to a message goes: into its topic, and in a
// group under it. In a private chat nobody else talks, and a quotation of what
// one has just written is in the way.
func placeOf(m *tele.Message) place {
	p := place{chat: m.Chat.ID, group: m.Chat.Type != tele.ChatPrivate}
	if m.Sender != nil {
		p.lang = m.Sender.LanguageCode
		if m.SenderChat == nil && !m.Sender.IsBot {
			p.person = m.Sender.ID
		}
	}
	if p.group {
		p.under = m.ID
	}
	if m.TopicMessage && m.ThreadID != generalTopic {
		p.thread = m.ThreadID
	}
	return p
}

// say sends a reply, in as many messages as it needs.
func (a *Adapter) say(ctx context.Context, p place, r bot.Reply) error {
	m := render(r, a.profile(r.Lang).Copy)
	if len(m.parts) == 0 {
		return errors.New("the reply has no text")
	}
	if err := a.sayRest(ctx, p, m, 0); err != nil {
		return err
	}
	a.counts.answers.Add(1)
	return nil
}

// sayRest sends the parts of a message from the given one on, then its files.
func (a *Adapter) sayRest(ctx context.Context, p place, m message, from int) error {
	for i := from; i < len(m.parts); i++ {
		out := sendMessage{
			ChatID: p.chat, ThreadID: p.thread, Text: m.parts[i].html, ParseMode: htmlMode, Preview: preview{Disabled: true},
			Only: p.only, Reply: replyIn(p, i), Keys: m.keysOf(i),
		}
		err := a.deliver(ctx, p, func(ctx context.Context) error { return a.sendOne(ctx, &out, m.parts[i].plain) })
		if err != nil {
			return err
		}
		p.chat, p.thread, p.only = out.ChatID, out.ThreadID, later(out.Only)
	}
	for _, f := range m.files {
		if err := a.sendFile(ctx, p, f); err != nil {
			return err
		}
	}
	return nil
}

// later is how what follows a message is aimed: below it.
func later(o *onlyFor) *onlyFor {
	if o == nil || !o.Replace {
		return o
	}
	return &onlyFor{Receiver: o.Receiver, Press: o.Press}
}

// sendOne sends a message, and again if the server wants it otherwise: without
// markup, to where the group has gone, or to all.
func (a *Adapter) sendOne(ctx context.Context, out *sendMessage, plain string) error {
	for {
		public, err := a.api.sendMessage(ctx, *out)
		api := (*apiError)(nil)
		switch {
		case refused(err, 400, "can't parse entities") && out.ParseMode != "":
			a.log.Error("telegram takes the markup for wrong; sent without", "err", err)
			out.Text, out.ParseMode = plain, ""
		case errors.As(err, &api) && api.MigrateTo != 0 && api.MigrateTo != out.ChatID:
			// The group became a supergroup: it has another id, and its
			// messages have other numbers.
			out.ChatID, out.ThreadID, out.Reply = api.MigrateTo, 0, nil
		case refused(err, 400, "") && out.Only != nil:
			a.notForOne(out.ChatID, err)
			if out.Only.Replace {
				return err // the caller changes the message for all
			}
			out.Only = nil
			if out.Reply != nil && out.Reply.SecretID != 0 {
				out.Reply = nil
			}
		default:
			if public && out.Only != nil {
				a.secrets.unknown()
				out.Only = nil
			}
			return err
		}
	}
}

// notForOne takes down that the server refused a message for one.
func (a *Adapter) notForOne(chat int64, err error) {
	a.secrets.refused(chat)
	a.counts.opened.Add(1)
	a.log.Info("telegram takes no message for one person here; sent to all", "err", err)
}

// sendFile sends a file of a reply.
func (a *Adapter) sendFile(ctx context.Context, p place, f bot.File) error {
	if len(f.Data) == 0 || len(f.Data) > bot.MaxFile || f.Name == "" {
		return fmt.Errorf("a file of %d bytes cannot be sent", len(f.Data))
	}
	out := sendDocument{ChatID: p.chat, ThreadID: p.thread, Only: p.only, File: f}
	if p.only != nil {
		out.Reply = replyIn(p, 1)
	}
	err := a.deliver(ctx, p, func(ctx context.Context) error {
		err := a.api.sendDocument(ctx, out)
		if refused(err, 400, "") && out.Only != nil {
			a.notForOne(out.ChatID, err)
			out.Only, out.Reply = nil, nil
			err = a.api.sendDocument(ctx, out)
		}
		return err
	})
	if err == nil {
		a.counts.files.Add(1)
	}
	return err
}

const (
	maxTries   = 64 // of a call that fails for no fault of its own: about 20 minutes
	maxSilence = 20 // answers 429 to one call
)

// deliver makes a call that sends something to a chat: as fast as the limits
// allow, again when the server fails or wants to wait, until ctx ends.
func (a *Adapter) deliver(ctx context.Context, p place, send func(context.Context) error) error {
	tries, silences := 0, 0
	for {
		if err := a.gate.pass(ctx, p.chat, p.group); err != nil {
			return err
		}
		err := a.attempt(ctx, send)
		api := (*apiError)(nil)
		switch {
		case err == nil:
			a.counts.messages.Add(1)
			return nil
		case ctx.Err() != nil:
			return err
		case refused(err, 401, ""):
			stop := final(err)
			a.fatal(stop)
			return stop
		case errors.As(err, &api) && api.RetryAfter > 0:
			if silences++; silences > maxSilence {
				return err
			}
			a.gate.hold(p.chat, api.RetryAfter)
		case temporary(err):
			if tries++; tries >= maxTries {
				return fmt.Errorf("%d times: %w", tries, err)
			}
			if err := a.sleep(ctx, backoff(tries-1)); err != nil {
				return err
			}
		default:
			return err
		}
		a.counts.retries.Add(1)
	}
}

// attempt makes a call once, when no more than maxSending are under way.
func (a *Adapter) attempt(ctx context.Context, send func(context.Context) error) error {
	select {
	case a.sending <- struct{}{}:
		defer func() { <-a.sending }()
	case <-ctx.Done():
		return ctx.Err()
	}
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	return send(ctx)
}

// sorry tells the person that something went wrong, if it can be told where.
func (a *Adapter) sorry(u incoming) {
	defer func() { _ = recover() }() // it is the last thing tried for an update that panicked
	var err error
	switch {
	case u.guest != nil:
		err = a.sayAway(a.work, u.guest, plainReply(a.profile(u.guest.Sender.LanguageCode).Sorry))
	case u.Message == nil:
		return
	default:
		if _, ok := a.question(u.Message); !ok {
			return
		}
		p := placeOf(u.Message)
		p.secret = u.secret
		err = a.say(a.work, a.aim(p, bot.Reply{}), plainReply(a.profile(p.lang).Sorry))
	}
	if err != nil {
		a.counts.failed.Add(1)
		a.log.Warn("telegram reply not sent", "err", err)
	}
}
