package manual

import "encoding/json"

// found is a line of what the browser searches in: [number of the page, id, heading, text].
type found [4]any

// index is everything that can be searched, as the browser gets it when somebody first looks for something.
type index struct {
	Pages []indexed `json:"pages"`
	Parts []found   `json:"parts"`
}

type indexed struct {
	Address string `json:"address"`
	Title   string `json:"title"`
	Section string `json:"section"`
}

// searchIndex holds the pages in the order of the contents.
func (m *Manual) searchIndex() []byte {
	var all index
	for page := m.root; page != nil; page = page.next {
		n := len(all.Pages)
		all.Pages = append(all.Pages, indexed{relative("", page.Address), page.Title, page.section})
		for _, part := range page.Parts {
			all.Parts = append(all.Parts, found{n, part.ID, part.Heading, part.Text})
		}
	}
	text, _ := json.Marshal(all) // strings and numbers always encode
	return text
}
