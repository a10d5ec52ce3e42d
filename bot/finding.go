package bot

// Finding is something that an operator should know about how the bot is set
// up on a platform.
type Finding struct {
	What  string // what was looked at
	State State
	Text  string // how it is, and what to do about it
}

// State says how a thing is.
type State string

// The states.
const (
	Fine   State = "ok"
	Notice State = "note" // it works, and the operator may want it otherwise
	Fault  State = "fault"
)
