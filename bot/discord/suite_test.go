package discord

import (
	"context"
	"strconv"
	"testing"

	"optoutbot/bot/bottest"
	"optoutbot/bot/discord/dctest"
)

func TestSuite(t *testing.T) {
	bottest.Run(t, func(t testing.TB, b bottest.Answerer) bottest.Platform {
		return &platformDiscord{rig: start(t, b), t: t}
	})
}

// platformDiscord is Discord for the suite: private messages and presses.
type platformDiscord struct {
	*rig
	t testing.TB
}

// dm is the channel of a person's private chat.
func dm(person int64) string { return "8" + strconv.FormatInt(person, 10) }

func (p *platformDiscord) Say(person int64, text string) {
	p.Post(p.Note(strconv.FormatInt(person, 10), dm(person), "", text))
}

func (p *platformDiscord) SayInGroup(person int64, text string, toBot bool) {
	m := p.Note(strconv.FormatInt(person, 10), dctest.Channel, dctest.Guild, text)
	if toBot {
		dctest.Mention(m)
	}
	p.Post(m)
}

func (p *platformDiscord) SayAsBot(self bool, text string) {
	m := p.Note("4711", dm(1), "", text)
	m["author"] = map[string]any{"id": "4711", "bot": true}
	if self {
		m["author"] = dctest.Bot()
	}
	p.Post(m)
}

func (p *platformDiscord) Press(person int64, data string) {
	id := strconv.FormatInt(person, 10)
	p.Interact(dctest.Where(dctest.Press(id, data, map[string]any{"id": "1", "channel_id": dm(person)}), dctest.InDM, id))
}

func (p *platformDiscord) Sent(ctx context.Context, n int) ([]bottest.Message, error) {
	calls, err := p.Wait(ctx, dctest.Said, n)
	var out []bottest.Message
	for _, c := range calls {
		m := bottest.Message{Text: c.Visible()}
		if c.Route == dctest.Send && c.IDs[0] != dctest.Channel {
			m.Person, _ = strconv.ParseInt(c.IDs[0][1:], 10, 64) // 0 for none
		}
		for _, b := range c.Buttons() {
			if b.Data != "" {
				m.Data = append(m.Data, b.Data)
			}
		}
		out = append(out, m)
	}
	return out, err
}

func (p *platformDiscord) FailNext() {
	p.Order(dctest.Fault{Kind: dctest.Internal, Route: dctest.Send})
}

func (p *platformDiscord) Stop() error { return p.stop() }

func (p *platformDiscord) Limit() int { return 256 + 1 + 4096 }
