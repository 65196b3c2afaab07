"""Words by which files say on which list a number belongs."""

from __future__ import annotations

import pandas as pd

from ptx_bulk.model import ListKind
from ptx_bulk.workbooks.headings import plain
from ptx_bulk.workbooks.presets import load_preset

_STOP = """
stop, stops, stop sms, sms stop, arret, desabonne, desabonnee, desabonnes, desabonnement, desinscrit, desinscrite,
desinscrits, desinscription, oppose, opposee, opposition, refus, retire, blacklist, blacklisted, blackliste,
liste noire, unsubscribe, unsubscribed, unsubscriber, unsubscribers, unsub, opt out, optout, opted out, out,
do not contact, dnc, stopped
"""
_NPAI = """
npai, n p a i, bounce, bounces, bounced, hard bounce, hard bounces, hardbounce, hard bounced, non attribue,
non attribues, numero non attribue, non assigne, numero non assigne, inexistant, numero inexistant,
invalide, numero invalide, invalid,
invalid number, not assigned, unassigned, unallocated, number unassigned, unknown subscriber, absent subscriber,
undeliverable, undelivered, non distribue, non delivre, non remis, unreachable, injoignable
"""


def _table() -> dict[str, ListKind]:
    words = {word.strip(): ListKind.STOP for word in _STOP.replace("\n", " ").split(",")}
    return words | {word.strip(): ListKind.NPAI for word in _NPAI.replace("\n", " ").split(",")}


LIST_WORDS: dict[str, ListKind] = _table()


def list_kinds(words: pd.Series[str], preset: str | None = None) -> pd.Series[str]:
    """`stop` or `npai` for each word, `''` for a word that says neither.

    Args:
        words: as the file has them; case, accents and punctuation do not matter.
        preset: whose reasons the words are, where that adds some.

    Raises:
        ConfigurationError: there is no such preset.
    """
    known = dict(LIST_WORDS)
    if preset:
        known |= load_preset(preset).reasons
    distinct = words.astype("str").unique().tolist()
    meant = {word: str(known.get(plain(word), "")) for word in distinct}
    return words.astype("str").map(meant).astype("str")
