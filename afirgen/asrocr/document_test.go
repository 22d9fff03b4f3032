package asrocr

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/roentgen/roentgen/afirgen/contract"
	"github.com/roentgen/roentgen/afirgen/pdf"
	"github.com/roentgen/roentgen/afirgen/web"
)

// rawPDF writes a document of pages from their content, without a table of where its objects are: readers find them.
func rawPDF(trailer string, box string, pages ...string) string {
	var b strings.Builder
	b.WriteString("%PDF-1.4\n1 0 obj <</Type/Catalog/Pages 2 0 R>> endobj\n3 0 obj <</Type/Font/Subtype/Type1/BaseFont/Helvetica>> endobj\n")
	kids := ""
	for i, content := range pages {
		kids += fmt.Sprintf("%d 0 R ", 10+2*i)
		fmt.Fprintf(&b, "%d 0 obj <</Type/Page/Parent 2 0 R/MediaBox[%s]/Contents %d 0 R/Resources<</Font<</F 3 0 R>>>>>> endobj\n", 10+2*i, box, 11+2*i)
		fmt.Fprintf(&b, "%d 0 obj <</Length %d>> stream\n%s\nendstream endobj\n", 11+2*i, len(content), content)
	}
	fmt.Fprintf(&b, "2 0 obj <</Type/Pages/Kids[%s]/Count %d>> endobj\ntrailer <</Root 1 0 R%s>>\n%%%%EOF\n", kids, len(pages), trailer)
	return b.String()
}

const a4 = "0 0 595 842"

// shown is a line of text of so many points at x, y; mode 3 hides it from eyes.
func shown(text string, points, x, y, mode int) string {
	return fmt.Sprintf("BT /F %d Tf %d Tr %d %d Td (%s) Tj ET\n", points, mode, x, y, text)
}

func TestADocumentIsReadPageByPage(t *testing.T) {
	h, collector := handler(t, withTesseract(t))
	file := rawPDF("", a4,
		shown("Two men broke into my shop", 24, 60, 700, 0)+shown("and took the cash box.", 24, 60, 660, 0),
		"",
		shown("The watchman saw them leave.", 24, 60, 700, 0))
	status, answer := post(t, h, "/ocr", "image", file, "language", "en")
	want := "Two men broke into my shop\nand took the cash box.\n\nThe watchman saw them leave."
	if status != 200 || answer["extracted_text"] != want || answer["low_confidence"] != false {
		t.Errorf("%d %v, want %q", status, answer, want)
	}
	pages, _ := answer["pages"].([]any)
	if len(pages) != 3 {
		t.Fatalf("the pages are %v", pages)
	}
	first, blank, third := pages[0].(map[string]any), pages[1].(map[string]any), pages[2].(map[string]any)
	if first["page"] != 1.0 || first["words"] != 11.0 || blank["words"] != 0.0 || third["page"] != 3.0 || third["words"] != 5.0 || third["confidence"].(float64) < 80 {
		t.Errorf("the pages are %v", pages)
	}
	collector.Await(t, contract.ASROCR).WantAnnotations(t, map[string]any{
		contract.Operation: contract.OperationOCR, contract.ContentType: PDF, contract.FileSize: float64(len(file)), contract.Pages: 3.0,
		contract.LowConfidence: false, contract.Success: true,
	})
	if bytes.Contains(collector.Raw(), []byte("watchman")) {
		t.Error("what was read is in the trace")
	}
}

func TestAHindiDocumentIsReadAsItIsSeen(t *testing.T) {
	h, _ := handler(t, withTesseract(t))
	status, answer := post(t, h, "/ocr", "image", string(document(t, hindiLetter, pdf.Hindi)), "language", "hi")
	text, _ := answer["extracted_text"].(string)
	if rate := wordErrors(text, hindiLetter); status != 200 || rate > 15 {
		t.Errorf("%d: %.1f %% of the words are wrong:\n%s", status, rate, text)
	}
}

func TestATextLayerThatLiesIsNotBelieved(t *testing.T) {
	h, _ := handler(t, withTesseract(t))
	file := rawPDF("", a4, shown("He snatched my bag.", 24, 60, 700, 0)+shown("The complaint is withdrawn.", 24, 60, 600, 3))
	status, answer := post(t, h, "/ocr", "image", file, "language", "en")
	if status != 200 || answer["extracted_text"] != "He snatched my bag." {
		t.Errorf("%d %v", status, answer)
	}
}

func TestAPageThatClaimsToBeAsLargeAsAHouseIsFitted(t *testing.T) {
	h, _ := handler(t, withTesseract(t))
	file := rawPDF("", "0 0 14400 14400", shown("He snatched my bag.", 700, 1000, 7000, 0))
	status, answer := post(t, h, "/ocr", "image", file, "language", "en")
	if status != 200 || answer["extracted_text"] != "He snatched my bag." {
		t.Errorf("%d %v", status, answer)
	}
}

func TestWhatIsWrongWithADocumentIsSaid(t *testing.T) {
	h, collector := handler(t, withTesseract(t))
	long := make([]string, 21)
	// Whatever is tried as a password, these strings do not fit it.
	locked := "/Encrypt<</Filter/Standard/V 1/R 2/P -4/O(" + strings.Repeat("o", 32) + ")/U(" + strings.Repeat("u", 32) + ")>>/ID[(Meera)(Meera)]"
	for _, c := range []struct {
		title, file, says string
		code              int
		kind              contract.ErrorType
	}{
		{"a head alone", "%PDF-1.7\nMeera", "damaged", 422, contract.UndecodableFile},
		{"one that ends half way", string(document(t, englishLetter, pdf.English)[:700]), "damaged", 422, contract.UndecodableFile},
		{"no pages", rawPDF("", a4), "damaged", 422, contract.UndecodableFile},
		{"a password", rawPDF(locked, a4, shown("Meera", 20, 60, 600, 0)), "password", 422, contract.UndecodableFile},
		{"21 pages", rawPDF("", a4, long...), "21 pages", 413, contract.TooLarge},
		{"blank pages", rawPDF("", a4, "", ""), "no text", 422, contract.NoTextFound},
	} {
		t.Run(c.title, func(t *testing.T) {
			status, answer := post(t, h, "/ocr", "image", c.file)
			detail, _ := answer["detail"].(string)
			if status != c.code || answer["error_type"] != string(c.kind) || !strings.Contains(detail, c.says) || strings.Contains(detail, "Meera") {
				t.Errorf("%d %v, want %d %s", status, answer, c.code, c.kind)
			}
		})
	}
	collector.Await(t, contract.ASROCR)
	if bytes.Contains(collector.Raw(), []byte("Meera")) {
		t.Error("a document is quoted in the trace")
	}
}

func TestADocumentThatIsDrawnWithoutEndIsCut(t *testing.T) {
	s := withTesseract(t)
	s.cfg.Timeout = 300 * time.Millisecond
	slow := *s.poppler
	slow.draw.path = script(t, "sleep 600")
	s.poppler = &slow
	_, err := s.read(t.Context(), []byte(rawPDF("", a4, "")), "eng")
	if e := web.AsError(err); e.Status != 504 || e.Kind != contract.EngineTimeout {
		t.Errorf("got %v", err)
	}
	s.cfg.Timeout = time.Minute
	slow.draw.path, slow.draw.output = script(t, "yes"), 1<<20
	_, err = s.read(t.Context(), []byte(rawPDF("", a4, "")), "eng")
	if e := web.AsError(err); e.Status != 422 || e.Kind != contract.UndecodableFile {
		t.Errorf("got %v", err)
	}
}

func TestWithoutPopplerPhotographsAreReadAndDocumentsAreNot(t *testing.T) {
	s := withTesseract(t)
	t.Setenv("PATH", t.TempDir())
	s.poppler, s.noPoppler = findPoppler()
	h, _ := handler(t, s)
	status, answer := post(t, h, "/ocr", "image", rawPDF("", a4, ""))
	if status != 503 || answer["error_type"] != string(contract.ModelUnavailable) || !strings.Contains(answer["detail"].(string), "apt-get install poppler-utils") {
		t.Errorf("%d %v", status, answer)
	}
	if body := healthOf(t, s, 200); body.Status != web.Degraded || body.Models["poppler"] {
		t.Errorf("%+v", body)
	}
}

func TestKind(t *testing.T) {
	for data, want := range map[string]string{
		"%PDF-1.7": PDF, "\xEF\xBB\xBF\n%PDF-1.7": PDF, "x%PDF-1.7": "", "\xFF\xD8\xFF": JPEG, "\x89PNG\r\n\x1a\n": PNG, "": "", "%PDF": "",
	} {
		if got := Kind([]byte(data)); got != want {
			t.Errorf("%q: %q, want %q", data, got, want)
		}
	}
}

func FuzzParsePGM(f *testing.F) {
	f.Add([]byte("P5\n2 1\n255\nab"))
	f.Add([]byte("P5\n99999999999999999999 1\n255\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if g, err := parsePGM(data); err == nil && len(g.Pix) != g.Rect.Dx()*g.Rect.Dy() {
			t.Errorf("%v of %d pixels", g.Rect, len(g.Pix))
		}
	})
}
