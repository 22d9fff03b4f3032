package fleet

import "fmt"

// Within is what speaks for the agent within the server, in the place of a
// token's name, which has no parentheses.
const Within = "(within the server)"

// NotYours says that a batch came with a token that does not speak for its agent.
// It may be taken later: when the token of that name is gone.
type NotYours struct {
	Agent string
	By    string // name of the token
	Owner string // of that which speaks for the agent
}

// Error tells who may, and what to do.
func (e *NotYours) Error() string {
	return fmt.Sprintf("the token %s does not speak for the agent %s: %s does. Give the agent that token again; or take %s out of the token file, where nobody else needs it; or start the agent with another --state, which makes it another agent",
		e.By, e.Agent, e.Owner, e.Owner)
}

// maySpeak tells whether a token may say that it is the agent. Where everybody may
// come in there are no names, and each may.
func (f *Fleet) maySpeak(a *agent, by string) error {
	if by == "" || a.By == "" || a.By == by || a.By != Within && !f.opt.Token(a.By) {
		return nil
	}
	return &NotYours{Agent: a.ID, By: by, Owner: a.By}
}
