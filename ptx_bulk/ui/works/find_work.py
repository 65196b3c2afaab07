"""All that is known of a number."""

from __future__ import annotations

from ptx_bulk import pipeline, reports
from ptx_bulk.i18n import _
from ptx_bulk.pipeline import Found
from ptx_bulk.ui.works.asking import sending_by
from ptx_bulk.ui.works.page_interface import PageInterface
from ptx_bulk.ui.works.work import Phase, Work


class FindWork(Work):
    """A look for numbers.

    Attributes:
        found: what is known of them, None before that.
    """

    kind = "find"
    found: Found | None = None

    def find(self, given: list[str], region: str, *, offline: bool) -> None:
        """Look for them."""
        self.begin(lambda: self._find(given, region, offline), _("Reading the remote lists"))

    def _find(self, given: list[str], region: str, offline: bool) -> Phase:
        self.found = pipeline.find(
            given,
            self.settings,
            region=region or None,
            offline=offline,
            sending=sending_by(self.settings),
            interface=PageInterface(self),
        )
        for form in ("html", "csv", "xlsx"):
            self._write(self.found, form)
        return Phase.DONE

    def _write(self, found: Found, form: str) -> None:
        path = reports.free(self.folder / f"events.{form}")
        dialect = self.settings.defaults.dialect or "rfc4180"
        reports.export_found(path, found.numbers, found.frame, format=form, notices=found.notices, dialect=dialect)
        self.offer((str(path),))

    def write_dossier(self, language: str, controller: str, contact: str, kept_for: str) -> None:
        """Write what the person is told who asks what is known of them.

        Raises:
            ReportError: it cannot be written.
        """
        if self.found is None:
            return
        path = reports.free(self.folder / f"dossier.{language}.html")
        reports.write_dossiers(
            path, self.found.numbers, language=language, controller=controller, contact=contact, kept_for=kept_for
        )
        self.offer((str(path),))
        self.note(_("The answer is written; download and print it, or send it on."))
