"""What a run amounts to: the object that `--json` prints and that every report with a summary shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """One run in numbers; `as_json` is the contract of `--json`, the other fields serve the reports.

    Attributes:
        run_id: the run's name.
        command: `import`, `remove`, `sync`, `diff`, `check`, ...
        list: `stop` or `npai`, `both` when the rows choose, empty when the command has none.
        exit_code: what the command line ends with.
        counts: lines by status; their sum is the number of lines.
        codes: lines by single code; a line with a joined code counts once under each of its codes.
        verified: lines by `yes` and `no`.
        files: the input's files as the user named them.
        rows: rows read.
        blank: rows without any value.
        excluded: rows that the row filters leave out.
        reading: what each sheet means, an object a sheet.
        reading_sentences: the same for people, a sentence a sheet.
        before: size of the remote list before the run, None when it was not read.
        after: its size after the run, None when unknown.
        reports: paths of the reports written.
        elapsed_s: seconds the run took.
        started_at: start of the run, ISO 8601.
        account: label of the account, never its key.
        profile: the profile that the account was chosen by, '' for none.
        version: version of ptx-bulk.
        metadata_version: version of the phonenumbers metadata that judged the numbers.
        notices: sentences for the reader (skipped sheets, ...), already in their language.
        dry_run: True when nothing was sent on purpose (`--dry-run`, `diff`, `check`).
        reason: the reason given for removals from STOP.
        origin: removals from STOP by who had put the number there: `ours` an earlier run, `theirs` anybody else.
        actor: who gave the command, and where.
        comment: what they said of it.
        by_country: distinct accepted numbers by country code.
        by_line_type: distinct accepted numbers by line type.
    """

    run_id: str
    command: str
    list: str = ""
    exit_code: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)
    codes: Mapping[str, int] = field(default_factory=dict)
    verified: Mapping[str, int] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    rows: int = 0
    blank: int = 0
    excluded: int = 0
    reading: tuple[Mapping[str, Any], ...] = ()
    reading_sentences: tuple[str, ...] = ()
    before: int | None = None
    after: int | None = None
    reports: tuple[str, ...] = ()
    elapsed_s: float = 0.0
    started_at: str = ""
    account: str = ""
    profile: str = ""
    version: str = ""
    metadata_version: str = ""
    notices: tuple[str, ...] = ()
    dry_run: bool = False
    reason: str = ""
    origin: Mapping[str, int] = field(default_factory=dict)
    actor: str = ""
    comment: str = ""
    by_country: Mapping[str, int] = field(default_factory=dict)
    by_line_type: Mapping[str, int] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The object of `--json`: its keys and their order never change."""
        return {
            "run_id": self.run_id,
            "command": self.command,
            "list": self.list,
            "exit_code": self.exit_code,
            "counts": dict(self.counts),
            "codes": dict(self.codes),
            "verified": {"yes": self.verified.get("yes", 0), "no": self.verified.get("no", 0)},
            "input": {
                "files": list(self.files),
                "rows": self.rows,
                "blank": self.blank,
                "excluded": self.excluded,
                "reading": [dict(sheet) for sheet in self.reading],
            },
            "remote": {"before": self.before, "after": self.after},
            "origin": {"ours": self.origin.get("ours", 0), "theirs": self.origin.get("theirs", 0)},
            "reports": list(self.reports),
            "elapsed_s": round(self.elapsed_s, 3),
            **({"profile": self.profile} if self.profile else {}),
        }
