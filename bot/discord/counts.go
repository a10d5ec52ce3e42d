package discord

import (
	"log/slog"
	"sync/atomic"
)

// Counts say what the adapter has done since it was made. There is nothing in
// them about anybody.
type Counts struct {
	Interactions int64 // received for the first time
	Questions    int64 // messages to the bot, received for the first time
	Repeated     int64 // received again
	Poisoned     int64 // set aside because they cannot be read
	Panics       int64 // handled with an apology because handling them panicked
	Answers      int64 // replies that are out
	Messages     int64 // messages that are out; a long reply has several
	Retries      int64 // calls tried again
	Failed       int64 // replies that could not be sent
	Late         int64 // of these, interactions that Discord no longer knew
	Quiet        int64 // questions left without an answer because of too many in the channel
	Sessions     int64 // new sessions at the gateway
	Resumes      int64 // sessions taken up again
	Troubles     int64 // connections to the gateway that ended
	CaughtUp     int64 // questions found by looking back after a session was lost
	Limited      int64 // answers of the server that it wants to wait (429)
	Forged       int64 // requests whose signature is wrong, stale or used twice
}

type counters struct {
	interactions, questions, repeated, poisoned, panics, answers, messages, retries, failed, late, quiet,
	sessions, resumes, troubles, caughtUp, forged atomic.Int64
}

// Counts returns the counts. It may be called at any time.
func (a *Adapter) Counts() Counts {
	c := &a.counts
	return Counts{
		Interactions: c.interactions.Load(), Questions: c.questions.Load(), Repeated: c.repeated.Load(),
		Poisoned: c.poisoned.Load(), Panics: c.panics.Load(), Answers: c.answers.Load(), Messages: c.messages.Load(),
		Retries: c.retries.Load(), Failed: c.failed.Load(), Late: c.late.Load(), Quiet: c.quiet.Load(),
		Sessions: c.sessions.Load(), Resumes: c.resumes.Load(), Troubles: c.troubles.Load(),
		CaughtUp: c.caughtUp.Load(), Limited: a.api.limited.Load(), Forged: c.forged.Load(),
	}
}

// LogCounts returns the counts as a group for logs and metrics.
func (a *Adapter) LogCounts() slog.LogValuer { return a.Counts() }

// LogValue writes the counts as a group.
func (c Counts) LogValue() slog.Value {
	return slog.GroupValue(
		slog.Int64("interactions", c.Interactions), slog.Int64("questions", c.Questions), slog.Int64("repeated", c.Repeated),
		slog.Int64("poisoned", c.Poisoned), slog.Int64("panics", c.Panics), slog.Int64("answers", c.Answers),
		slog.Int64("messages", c.Messages), slog.Int64("retries", c.Retries), slog.Int64("failed", c.Failed),
		slog.Int64("late", c.Late), slog.Int64("quiet", c.Quiet), slog.Int64("sessions", c.Sessions),
		slog.Int64("resumes", c.Resumes), slog.Int64("troubles", c.Troubles), slog.Int64("caught_up", c.CaughtUp),
		slog.Int64("limited", c.Limited), slog.Int64("forged", c.Forged),
	)
}
