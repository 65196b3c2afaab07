"""What a column's heading says about it, in French and English (and the headings seen in exports elsewhere)."""

from __future__ import annotations

import re
import unicodedata
from enum import IntEnum


class Meaning(IntEnum):
    """How likely a column with this heading is the one with the numbers to suppress; higher wins."""

    NEVER = 0  # ids, postcodes, dates, fax: numbers perhaps, phones to send to never
    OTHER = 1  # says nothing
    LANDLINE = 2
    WEAK = 3  # may be a phone number, may be another number
    PHONE = 4
    MOBILE = 5


_SPLIT = re.compile(r"[^\w]+|_+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_LETTER_DIGIT = re.compile(r"(?<=[^\W\d])(?=\d)|(?<=\d)(?=[^\W\d])")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_MOBILE = _words(
    """
    mobile mobiles portable portables gsm cell cells cellphone cellular cellulaire cellulaires handy handynummer
    movil celular smartphone sms msisdn mobil mob الجوال जवाल
    """
)
_PHONE = _words(
    """
    telephone telephones telephonique tel tels telef telefono telefon telefoon telefone telefonnummer phone
    phones fon phonenumber phonenumbers phoneno mobilephone tlf الهاتف هاتف फोन 电话 電話 телефон téléphone
    """
)
_WEAK = _words(
    """
    numero numeros num number numbers no nr n identifier destinataire destinataires recipient recipients contact
    contacts to from address receiver subscriber abonne abonnes
    """
)
_LANDLINE = _words(
    """
    fixe fixes domicile home bureau work office landline standard maison travail professionnel pro business
    company societe voiture car assistant assistante radiotelephone telex tty isdn rnis callback rappel carphone
    """
)
_NEVER = _words(
    """
    fax faxes telecopie telecopieur telefax pager pagers whatsapp viber telegram skype siren siret postal
    postale zip postcode zipcode cp id ids identifiant uuid guid ref reference iban bic rib tva vat ape naf
    insee uai finess date dates jour heure time age annee year mois month naissance birth birthday montant
    amount prix price total balance solde quantite qty email emails mail mails courriel url site web website
    type types pays country countries region indicatif prefix prefixe code codes verified status statut optin
    opt consent consentement timezone carrier operateur adresse rue street ville city extension ext poste duree
    duration count nombre latitude longitude order commande facture invoice facebook twitter linkedin instagram
    lien link label source campaign campagne comment commentaire note notes nom prenom name firstname lastname
    description sender emetteur expediteur
    """
)
# words that share a column with a phone number ("Email / Phone"), so that only its content tells
_BESIDE_PHONE = frozenset(["nom", "name", "contact", "mail", "email", "emails", "client", "note", "notes"])
_CELL = frozenset(["cell"])
_CELL_PARTS = _CELL | _PHONE | _WEAK
_LANDLINE_ALONE = frozenset(["fixe", "fixes", "domicile", "landline", "standard"])
_OUR_OWN = "ptx "  # the columns that a rejects file adds: their suggestions are numbers, too
_COUNTRY_PARTS = ("code pays", "country code", "code postal", "phone code")


def plain(heading: str) -> str:
    """The heading without case, accents, punctuation and mojibake, its words separated by one blank."""
    text = _CAMEL.sub(" ", _unmangle(heading.strip()))
    text = _LETTER_DIGIT.sub(" ", text)
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(char for char in decomposed if not unicodedata.combining(char))
    return " ".join(word for word in _SPLIT.split(letters) if word)


def _unmangle(text: str) -> str:
    """`TÃ©lÃ©phone` as `Téléphone`: UTF-8 that was once read as cp1252."""
    try:
        return text.encode("cp1252").decode("utf-8") if not text.isascii() else text
    except UnicodeError:
        return text


def is_mangled(text: str) -> bool:
    """Whether the text is UTF-8 that was once read as cp1252."""
    return _unmangle(text) != text


def meaning(heading: str) -> Meaning:
    """What the heading says."""
    text = plain(heading)
    words = set(text.split())
    if any(part in text for part in _COUNTRY_PARTS) or text.startswith(_OUR_OWN):
        return Meaning.NEVER
    if never := words & _NEVER:
        return Meaning.WEAK if words & _PHONE and never <= _BESIDE_PHONE else Meaning.NEVER
    if words & _MOBILE and (words & _MOBILE != _CELL or words <= _CELL_PARTS):
        return Meaning.MOBILE
    if words & _PHONE:
        return Meaning.LANDLINE if words & _LANDLINE else Meaning.PHONE
    if words & _LANDLINE and (words & _WEAK or words <= _LANDLINE_ALONE):
        return Meaning.LANDLINE
    return Meaning.WEAK if words & _WEAK and len(words) <= 3 else Meaning.OTHER


def names_phone(heading: str) -> bool:
    """Whether a word for telephone stands in the heading, whatever else does."""
    return bool(set(plain(heading).split()) & (_PHONE | _MOBILE))
