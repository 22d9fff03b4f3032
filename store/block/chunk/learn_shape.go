package chunk

import (
	"github.com/cespare/xxhash/v2"
)

// genericAfter is how often an item is seen under names that are not common
// before it gets a shape with a name of its own in each.
const genericAfter = 12

// noteShape decides whether an unknown skeleton becomes a shape: the second
// time that it is seen, so that unique ones do not fill the dictionary.
func (m *model) noteShape(skeleton, named, context, name []byte) {
	times := m.seen.add(xxhash.Sum64(skeleton))
	if name == nil || context != nil {
		if len(context) > 0 && !m.names[string(context)] {
			context, times = nil, times-genericAfter
		}
		if times > 1 {
			m.addShape(skeleton, context)
		}
		return
	}
	if !m.names[string(name)] && len(name) < maxString && len(m.names) < maxNames && !hasControl(name) &&
		m.seen.add(xxhash.Sum64(name)) > 1 {
		m.names[string(name)] = true
	}
	if m.names[string(name)] {
		if times > 1 {
			m.addShape(named, nil)
		}
		return
	}
	if times >= genericAfter {
		m.addShape(skeleton, nil)
	}
}

func (m *model) addShape(skeleton, context []byte) {
	slots, _ := splitSkeleton(skeleton)
	if len(m.shapes) >= m.opt.Shapes || len(m.cols)+len(slots) >= m.opt.Columns || m.used+len(skeleton) > m.opt.DictBytes {
		return
	}
	text := append([]byte(nil), skeleton...)
	slots, tail := splitSkeleton(text)
	id := int32(len(m.shapes))
	m.byText[string(context)+string(text)] = id
	m.shapes = append(m.shapes, shape{skeleton: text, slots: slots, tail: tail, col: int32(len(m.cols))})
	for i := range slots {
		m.addColumn(slots[i].kind, id)
	}
	m.addColumn(slotList, id)
	m.used += len(text) + 2*len(slots)
}
