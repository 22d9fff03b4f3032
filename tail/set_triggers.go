package tail

import "slices"

// SetTriggers replaces the triggers. Those that keep their name keep their counters, and what they have used of their
// quota. A condition that cannot be read matches nothing, and the log says so; ParseTriggers refuses such.
func (t *Tail) SetTriggers(ts Triggers) {
	t.arming.Lock()
	defer t.arming.Unlock()
	ts.Triggers = slices.Clone(ts.Triggers)
	for i := range ts.Triggers {
		t.makeReady(&ts.Triggers[i])
	}
	t.armed.Store(arm(ts, t.armed.Load()))
}

// makeReady reads the condition of a trigger that was written by hand.
func (t *Tail) makeReady(tr *Trigger) {
	if tr.condition.kind == onNothing {
		var err error
		if tr.condition, err = parseCondition(tr.When); err != nil {
			t.opt.Logger.Error("a trigger matches nothing", "trigger", tr.Name, "error", err)
		}
	}
	if tr.condition.kind == onFilter && t.opt.Rows == nil {
		t.opt.Logger.Warn("a trigger matches nothing: nobody folds segments for its filter expression", "trigger", tr.Name)
	}
}
