package filter

import "github.com/roentgen/roentgen"

// flag answers in the braces of root causes.
func (p place) flag(k Keyword) bool {
	switch k {
	case KeywordFirst:
		return p.index == 0
	case KeywordLast:
		return p.index == p.of-1
	case KeywordInferred:
		return p.service != nil && p.service.Inferred
	case KeywordRemote:
		return p.entity != nil && p.entity.Remote
	}
	return false
}

func (p place) number(k Keyword) roentgen.Number {
	switch {
	case k == KeywordIndex:
		return roentgen.Known(float64(p.index))
	case k == KeywordCoverage && p.entity != nil:
		return p.entity.Coverage
	}
	return roentgen.Number{}
}

// text answers the one value that each text has here. The name of a service is its first: its Names are for finding
// nodes.
func (p place) text(k Keyword, account string) string {
	switch {
	case p.service != nil:
		return causeText(p.service, k, account)
	case p.entity != nil && k == KeywordName:
		return p.entity.Name
	case p.exception != nil && k == KeywordName:
		return p.exception.Name
	case p.exception != nil && k == KeywordMessage:
		return p.exception.Message
	}
	return ""
}

func causeText(s *roentgen.CauseServiceRow, k Keyword, account string) string {
	switch k {
	case KeywordName:
		return s.Name
	case KeywordType:
		return s.Type
	case KeywordAccountID:
		if s.AccountID != "" {
			return s.AccountID
		}
		return account
	}
	return ""
}
