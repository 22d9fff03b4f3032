package tail

import "sync/atomic"

// armed is a set of triggers in use: each with its quota and its counters. It is replaced as a whole.
type armed struct {
	triggers []armedTrigger
	told     armedTrigger
}

type armedTrigger struct {
	Trigger
	*triggerState
}

// triggerState outlives a reload of the triggers, by the name of the trigger.
type triggerState struct {
	bucket                               bucket // the owner's
	matched, kept, overQuota, sampledToo atomic.Int64
}

// arm makes triggers ready. What has the name of one in old goes on counting there.
func arm(ts Triggers, old *armed) *armed {
	a := &armed{told: armedTrigger{Trigger: Trigger{Name: ToldTrigger, When: "told by the response path",
		Quota: ts.ToldQuota, Burst: ts.ToldBurst}}}
	a.told.triggerState = old.state(ToldTrigger)
	for _, t := range ts.Triggers {
		a.triggers = append(a.triggers, armedTrigger{t, old.state(t.Name)})
	}
	return a
}

// state returns what there is under the name, or something new.
func (a *armed) state(name string) *triggerState {
	for _, t := range a.all() {
		if t.Name == name {
			return t.triggerState
		}
	}
	return &triggerState{}
}

func (a *armed) all() []armedTrigger {
	if a == nil {
		return nil
	}
	return append(a.triggers[:len(a.triggers):len(a.triggers)], a.told)
}

func (a *armed) stats() []TriggerStats {
	var out []TriggerStats
	for _, t := range a.all() {
		out = append(out, TriggerStats{Name: t.Name, When: t.When, Quota: t.Quota, Matched: t.matched.Load(),
			Kept: t.kept.Load(), OverQuota: t.overQuota.Load(), SampledToo: t.sampledToo.Load()})
	}
	return out
}

// sampledToo counts the first trigger that a document of a trace matches which is kept anyway.
func (a *armed) sampledToo(l *look) bool {
	for i := range a.triggers {
		if t := &a.triggers[i]; l.matches(&t.condition) {
			t.sampledToo.Add(1)
			return true
		}
	}
	return false
}

// verdict is what triggers say of a document of an undecided trace: the name of the first that matches and has quota
// left.
func (t *Tail) verdict(a *armed, l *look, told bool) (reason string, ok bool) {
	for i := range a.triggers {
		if tr := &a.triggers[i]; l.matches(&tr.condition) && t.spend(tr) {
			return tr.Name, true
		}
	}
	if told && t.spend(&a.told) {
		return a.told.Name, true
	}
	return "", false
}

func (t *Tail) spend(tr *armedTrigger) bool {
	tr.matched.Add(1)
	if tr.bucket.take(t.opt.Now(), tr.Quota, tr.Burst) {
		tr.kept.Add(1)
		return true
	}
	tr.overQuota.Add(1)
	return false
}
