package paper

import (
	"fmt"
	"strings"

	"github.com/roentgen/roentgen/afirgen/fir"
)

// Text writes the form as plain text in the language en or hi: one line for each field, a heading for each item.
func Text(d fir.Document, language string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n%s\n", title.In(language), basis(d).In(language))
	for _, item := range d.Form() {
		star := ""
		if item.Mandatory {
			star = " *"
		}
		fmt.Fprintf(&b, "\n%d. %s%s\n", item.Number, item.Label.In(language), star)
		for _, field := range item.Fields {
			writeField(&b, field, language)
		}
	}
	return b.String()
}

func writeField(b *strings.Builder, field fir.Field, language string) {
	value := field.Value.In(language)
	if strings.Contains(value, "\n") {
		value = "\n      " + strings.ReplaceAll(value, "\n", "\n      ")
	}
	fmt.Fprintf(b, "   %s: %s\n", field.Label.In(language), value)
}

// title is the form's. The basis depends on whether an FIR or an entry in the diary of non-cognizable cases is made.
var title = fir.Label{En: "FIRST INFORMATION REPORT", Hi: "प्रथम सूचना रिपोर्ट"}

func basis(d fir.Document) fir.Label {
	if d.Header.Number.Series == fir.SeriesNCR {
		return fir.Label{En: "Non-cognizable report (under section 174 B.N.S.S.)", Hi: "असंज्ञेय रिपोर्ट (धारा 174 भारतीय नागरिक सुरक्षा संहिता के अन्तर्गत)"}
	}
	return fir.Label{En: "(Under section 173 B.N.S.S.)", Hi: "(धारा 173 भारतीय नागरिक सुरक्षा संहिता के अन्तर्गत)"}
}
