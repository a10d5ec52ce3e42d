package telegram

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// patience bounds the answers in a chat, so that nobody can make the bot flood
// a group or keep it from answering others.
type patience struct {
	limits Limits
	now    func() time.Time

	mu    sync.Mutex
	chats meters[mood]
}

type mood struct {
	answers *rate.Limiter
	told    bool // that it is too much
}

// verdict is what a chat may have.
type verdict int

const (
	answerIt verdict = iota
	askForPatience
	stayQuiet
)

// ask takes an answer of what the chat may have. The first that is too much is
// told so, the others nothing, until there is room again.
func (p *patience) ask(chat int64, group bool) verdict {
	n := p.limits.PrivateAnswers
	if group {
		n = p.limits.Answers
	}
	if n <= 0 {
		return answerIt
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	m := p.chats.get(chat, func() *mood {
		return &mood{answers: rate.NewLimiter(rate.Limit(float64(n)/time.Minute.Seconds()), n)}
	}, func(m *mood) bool { return idle(m.answers, now) })
	switch {
	case m.answers.AllowN(now, 1):
		m.told = false
		return answerIt
	case m.told:
		return stayQuiet
	default:
		m.told = true
		return askForPatience
	}
}
