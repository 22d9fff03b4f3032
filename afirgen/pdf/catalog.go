package pdf

import (
	"encoding/xml"
	"fmt"
	"strings"
	"time"
)

// producer is named in the metadata as what made the file.
const producer = "AFIRGen"

// file puts the painted pages together.
func (p *painter) file(root *element, pack packing) ([]byte, error) {
	f := &file{packing: pack}
	catalog, tree := f.reserve(), f.reserve()
	font, err := f.font(p.ink)
	if err != nil {
		return nil, err
	}
	pages, err := f.pages(p.contents, tree, font)
	if err != nil {
		return nil, err
	}
	title := p.title()
	metadata, err := f.metadata(title, p.lang, p.doc.Made)
	if err != nil {
		return nil, err
	}
	structure := f.structure(root, p.owners, pages)
	f.set(catalog, fmt.Sprintf("<</Type /Catalog /Version /1.7 /Pages %v /Lang (%s) /MarkInfo <</Marked true>> /StructTreeRoot %v "+
		"/Metadata %v /ViewerPreferences <</DisplayDocTitle true>>>>", tree, p.lang.region(), structure, metadata))
	return f.bytes(catalog, f.info(title, p.doc.Made)), nil
}

// title is what a reader's window shows.
func (p *painter) title() string {
	title, _ := p.doc.Title.in(p.lang)
	return oneLine(title + " " + p.doc.Reference)
}

// pages writes each page and the list of them.
func (f *file) pages(contents []*content, tree, font ref) ([]ref, error) {
	var refs []ref
	var kids strings.Builder
	for i, c := range contents {
		stream, err := f.stream("", c.Bytes())
		if err != nil {
			return nil, err
		}
		refs = append(refs, f.add(fmt.Sprintf("<</Type /Page /Parent %v /MediaBox [0 0 %v %v] /Resources <</Font <</F1 %v>>>> "+
			"/Contents %v /StructParents %d /Tabs /S>>", tree, unit(sheetWidth), unit(sheetHeight), font, stream, i)))
		fmt.Fprintf(&kids, "%v ", refs[i])
	}
	f.set(tree, fmt.Sprintf("<</Type /Pages /Count %d /Kids [%s]>>", len(refs), kids.String()))
	return refs, nil
}

// info writes the document information dictionary, for readers older than XMP.
func (f *file) info(title string, made time.Time) ref {
	entries := fmt.Sprintf("/Title %s /Producer (%s)", textString(title), producer)
	if !made.IsZero() {
		// The offset of UTC is written +00'00: PDF's own form.
		entries += made.UTC().Format(" /CreationDate (D:20060102150405+00'00)")
	}
	return f.add("<<" + entries + ">>")
}

// metadata writes the same as XMP (ISO 16684-1). It is never compressed, so that search engines for files find it.
func (f *file) metadata(title string, lang Language, made time.Time) (ref, error) {
	var escaped strings.Builder
	if err := xml.EscapeText(&escaped, []byte(title)); err != nil {
		return 0, fmt.Errorf("write the title into the metadata: %w", err)
	}
	var date string
	if !made.IsZero() {
		date = "<xmp:CreateDate>" + made.UTC().Format(time.RFC3339) + "</xmp:CreateDate>"
	}
	body := fmt.Sprintf(`<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/" xmlns:xmp="http://ns.adobe.com/xap/1.0/">
<dc:format>application/pdf</dc:format>
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">%s</rdf:li></rdf:Alt></dc:title>
<dc:language><rdf:Bag><rdf:li>%s</rdf:li></rdf:Bag></dc:language>
<pdf:Producer>%s</pdf:Producer>%s
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>`, escaped.String(), lang.region(), producer, date)
	return f.add(fmt.Sprintf("<</Type /Metadata /Subtype /XML /Length %d>>\nstream\n%s\nendstream", len(body), body)), nil
}
