package backend

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"unicode/utf8"

	"github.com/roentgen/roentgen/afirgen/archive"
	"github.com/roentgen/roentgen/afirgen/contract"
	"github.com/roentgen/roentgen/afirgen/fir"
	"github.com/roentgen/roentgen/afirgen/web"
)

// Bounds of an auth_key, in characters.
const minAuthKey, maxAuthKey = 8, 256

// authenticate locks a report for good, for whoever holds the key for that.
func (s *Server) authenticate(w http.ResponseWriter, r *http.Request) error {
	var req struct {
		FIRNumber string `json:"fir_number"`
		AuthKey   string `json:"auth_key"`
	}
	if err := web.ReadJSON(r, &req); err != nil {
		return err
	}
	if n := utf8.RuneCountInString(req.AuthKey); n < minAuthKey || n > maxAuthKey {
		return web.Fail(http.StatusUnprocessableEntity, contract.InvalidRequest, "auth_key has 8 to 256 characters")
	}
	// Digests have one length, so that the comparison tells nothing of the key's.
	given := sha256.Sum256([]byte(req.AuthKey))
	if subtle.ConstantTimeCompare(given[:], s.authKey[:]) != 1 {
		return web.Fail(http.StatusUnauthorized, contract.WrongAuthKey, "the key for finalising is wrong")
	}
	ctx := r.Context()
	report, err := s.reportByNumber(ctx, req.FIRNumber)
	if err != nil {
		return err
	}
	if report.State == fir.StateFinalized {
		return web.Fail(http.StatusBadRequest, contract.AlreadyFinalized, "the report is finalized already")
	}
	report, err = s.finalise(ctx, report)
	if err != nil {
		return err
	}
	web.WriteJSON(w, http.StatusOK, map[string]any{
		"success": true, "message": "the report is finalized", "fir_number": report.Number(), "finalized_at": report.FinalizedAt,
	})
	return nil
}

// finalise archives the report as it will be, then locks it: a report that is locked is in the archive. When the lock
// then fails, what was archived is written over by the next try.
func (s *Server) finalise(ctx context.Context, report fir.Report) (fir.Report, error) {
	by := "key-" + hex.EncodeToString(s.authKey[:4]) // tells keys apart and gives none away
	final, err := fir.ApplyReport(report, fir.ReportEvent{At: s.cfg.Now(), Version: report.Version, Do: fir.Finalise{By: by}})
	if err != nil {
		return report, domainError(err)
	}
	if err := s.archiveReport(ctx, final); err != nil {
		return report, err
	}
	return final, storeError(ctx, s.cfg.Store.UpdateReport(ctx, final))
}

func (s *Server) archiveReport(ctx context.Context, report fir.Report) error {
	data, err := json.Marshal(report)
	if err != nil {
		return fmt.Errorf("writing report %s as JSON: %w", report.Number(), err)
	}
	if err := s.put(ctx, report, "json", "application/json", data); err != nil {
		return err
	}
	for _, language := range []string{"en", "hi"} {
		file, err := printed(ctx, report, language)
		if err == nil {
			err = s.put(ctx, report, language+".pdf", "application/pdf", file)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Server) put(ctx context.Context, report fir.Report, ending, contentType string, data []byte) error {
	key, err := archive.ReportKey(report.Number().String(), ending)
	if err != nil {
		return err
	}
	return archiveError(ctx, s.cfg.Archive.Put(ctx, key, contentType, data))
}
