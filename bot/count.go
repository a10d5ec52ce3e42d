package bot

// Event is something that happened and is worth counting. Nothing in it comes
// from what a person typed or from who the person is.
type Event struct {
	Platform string // of the [Place]; empty in the terminal
	Lang     string // of the reply
	Entry    string // the entry that was shown, or empty
	What     What
}

// What says what happened.
type What string

// What is counted: a question by its outcome, an answer that was opened by a
// button, and votes.
const (
	Answered   What = What(Answer)
	Offered    What = What(Choose)
	Unanswered What = What(None)
	Opened     What = "open"
	Helped     What = "helpful"
	NotHelped  What = "not_helpful"
)

// Counter counts events. Count may be called from many goroutines and returns
// at once.
type Counter interface {
	Count(Event)
}

// Counts hands the bot counters. Call it before the bot is used.
func (b *Bot) Counts(all ...Counter) { b.counters = all }

func (b *Bot) count(at Place, what What, r Reply) {
	for _, c := range b.counters {
		c.Count(Event{Platform: at.Platform, Lang: r.Lang, Entry: r.Entry, What: what})
	}
}
