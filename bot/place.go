package bot

import (
	"context"
	"fmt"
)

// Place is where a person asks: a private chat, a group or a server. The zero
// Place is nowhere: nothing is remembered of it.
type Place struct {
	Platform string // telegram, discord, …
	ID       string // unique on the platform
}

// Choices are what the people of a place have chosen.
type Choices struct {
	Lang   string // the language that they want to be spoken to in; empty: that of each question
	Public bool   // answers are for all to see, where the platform can show them to the asker alone
}

// Memory keeps choices. Its methods may be called from many goroutines. A
// memory that is out of order costs choices, never answers.
type Memory interface {
	// Recall gives what was chosen, the zero Choices when nothing was.
	Recall(ctx context.Context, p Place) (Choices, error)
	Remember(ctx context.Context, p Place, c Choices) error
	Forget(ctx context.Context, p Place) error
}

// Chooses reports whether the question changes what is chosen for its place.
// Where people share a place, an adapter lets only those ask it who run it.
func (q Question) Chooses() bool {
	name, arg, ok := command(q.Text)
	return ok && (name == "language" && arg != "" || name == "forget")
}

// Chooses reports whether the press changes what is chosen for its place.
func (p Press) Chooses() bool {
	return len(p.Data) > 2 && p.Data[0] == version && p.Data[1] == actLanguage
}

// Remembers hands the bot a memory; without one it speaks the language of each
// question. Call it before the bot is used.
func (b *Bot) Remembers(m Memory) { b.memory = m }

// Choices gives what was chosen at a place; the zero Choices when nothing was,
// or when it cannot be recalled.
func (b *Bot) Choices(ctx context.Context, p Place) (Choices, error) {
	if b.memory == nil || p == (Place{}) {
		return Choices{}, nil
	}
	c, err := b.memory.Recall(ctx, p)
	if err != nil {
		return Choices{}, fmt.Errorf("recall choices: %w", err)
	}
	return c, nil
}

// Choose changes what was chosen at a place. Without a memory it does nothing.
func (b *Bot) Choose(ctx context.Context, p Place, change func(*Choices)) error {
	if b.memory == nil || p == (Place{}) {
		return nil
	}
	c, err := b.memory.Recall(ctx, p)
	if err != nil {
		return fmt.Errorf("recall choices: %w", err)
	}
	change(&c)
	if err := b.memory.Remember(ctx, p, c); err != nil {
		return fmt.Errorf("remember choices: %w", err)
	}
	return nil
}
