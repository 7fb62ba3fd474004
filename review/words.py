"""The desk's words: doubts, verdicts and states in bokmål, as reviewers know them."""

from __future__ import annotations

from ballot.reading import DoubtCode
from ballot.ruling import SheetState, Verdict

CODES = {
    DoubtCode.UNREADABLE: "Kan ikke leses",
    DoubtCode.WRONG_ELECTION: "Seddel fra et annet valg",
    DoubtCode.SIDES_MISMATCH: "Sidene hører ikke sammen",
    DoubtCode.MISSING_SIDE: "Én side mangler",
    DoubtCode.DUPLICATE_BALLOT: "Seddelen er sett før",
    DoubtCode.DOUBLE_FEED: "To ark på én gang",
    DoubtCode.TORN: "Revet eller hull",
    DoubtCode.STREAK: "Stripe fra skanneren",
    DoubtCode.UNKNOWN_LIST: "Ukjent liste",
    DoubtCode.BALLOT_ID_UNCERTAIN: "Usikker seddel-id",
    DoubtCode.STAMP_MISSING: "Stempel ikke funnet",
    DoubtCode.STAMP_UNCERTAIN: "Usikkert stempel",
    DoubtCode.MARK_UNCERTAIN: "Usikkert merke",
    DoubtCode.MARK_TAKEN_BACK: "Merke som ser trukket tilbake ut",
    DoubtCode.INK_OUTSIDE_FIELDS: "Skrift utenfor feltene",
    DoubtCode.WRITE_IN_UNCERTAIN: "Usikkert navn (slenger)",
    DoubtCode.WRITE_IN_UNKNOWN: "Ukjent navn (slenger)",
    DoubtCode.WRITE_IN_TOO_MANY: "For mange slengere",
    DoubtCode.PARTY_UNCLEAR: "Uklart parti",
    DoubtCode.CHOICE_UNCLEAR: "Uklart valg",
    DoubtCode.REGISTRATION_POOR: "Skjevt eller forvrengt bilde",
}

QUESTIONS = {
    DoubtCode.UNREADABLE: "Maskinen kunne ikke lese seddelen.",
    DoubtCode.WRONG_ELECTION: "Seddelnummeret hører til et annet valg. Hører seddelen hjemme et annet sted?",
    DoubtCode.SIDES_MISMATCH: "Ser de to bildene ut til å være av samme seddel?",
    DoubtCode.MISSING_SIDE: "Bare den ene siden er skannet. Se på papiret.",
    DoubtCode.DUPLICATE_BALLOT: "Er dette samme seddel som er skannet to ganger?",
    DoubtCode.DOUBLE_FEED: "Ligger det to ark oppå hverandre? Se på papiret.",
    DoubtCode.TORN: "Kan alle felt likevel leses riktig?",
    DoubtCode.STREAK: "Kan alle felt likevel leses riktig?",
    DoubtCode.UNKNOWN_LIST: "Hvilken liste gjelder seddelen?",
    DoubtCode.BALLOT_ID_UNCERTAIN: "Hva er seddelens id (8 sifre)?",
    DoubtCode.STAMP_MISSING: "Maskinen fant ikke noe offentlig stempel. Finnes det, på en av sidene?",
    DoubtCode.STAMP_UNCERTAIN: "Er dette et offentlig stempel?",
    DoubtCode.MARK_UNCERTAIN: "Er ruten merket?",
    DoubtCode.MARK_TAKEN_BACK: "Er ruten merket, eller har velgeren strøket merket?",
    DoubtCode.INK_OUTSIDE_FIELDS: "Betyr skriften noe for stemmen?",
    DoubtCode.WRITE_IN_UNCERTAIN: "Hvem er skrevet opp?",
    DoubtCode.WRITE_IN_UNKNOWN: "Navnet ligner ingen kandidat. Hvem er skrevet opp?",
    DoubtCode.WRITE_IN_TOO_MANY: "Bare de første gyldige teller. Er rekkefølgen lest riktig?",
    DoubtCode.PARTY_UNCLEAR: "Hvilket parti stemmer velgeren på?",
    DoubtCode.CHOICE_UNCLEAR: "Hvem er førstevalg og andrevalg?",
    DoubtCode.REGISTRATION_POOR: "Bildet passer dårlig med trykket. Er feltene lest riktig?",
}
"""What a reviewer is asked, in one sentence."""

STATES = {
    SheetState.WAITING: "venter på lesing",
    SheetState.ACCEPTED: "lest uten tvil",
    SheetState.NEEDS_REVIEW: "til gjennomgang",
    SheetState.PROPOSED_REJECTION: "til valgstyret",
    SheetState.SETTLED: "avgjort",
    SheetState.REJECTED: "forkastet",
    SheetState.WITHDRAWN: "trukket",
}

VERDICTS = {
    Verdict.MARKED: "Merket",
    Verdict.EMPTY: "Ikke merket",
    Verdict.STAMP_PRESENT: "Stempel finnes",
    Verdict.STAMP_MISSING: "Stempel mangler (til valgstyret)",
    Verdict.CANDIDATE: "Kandidat:",
    Verdict.NO_CANDIDATE: "Navnet står ikke på noen liste",
    Verdict.NOTHING_WRITTEN: "Ikke noe navn skrevet",
    Verdict.NO_EFFECT: "Uten betydning",
    Verdict.WRITE_IN: "Slenger for:",
    Verdict.MARK_FOR: "Personstemme til nr.:",
    Verdict.PARTY: "Parti:",
    Verdict.BLANK_VOTE: "Blank stemme",
    Verdict.CHOICE: "Første (og andre) valg, nr.:",
    Verdict.BALLOT_ID: "Seddel-id (8 sifre):",
    Verdict.CONFIRM: "Maskinens lesning er riktig",
    Verdict.KEEP: "Egen seddel – skal telle",
    Verdict.WITHDRAW: "Samme seddel – trekk dette bildet",
    Verdict.ENTER: "Ført inn for hånd",
    Verdict.PROPOSE_REJECTION: "Foreslått forkastet",
    Verdict.PROPOSE_WITHDRAWAL: "Foreslått trukket",
    Verdict.REJECT: "Forkastet",
    Verdict.APPROVE: "Godkjent",
    Verdict.TURN_INTO_BLANK: "Regnet som blank",
    Verdict.REOPEN: "Tatt opp igjen",
}

REASONS = {
    "a": "Seddelen mangler offentlig stempel",
    "b": "Det går ikke fram hvilket valg seddelen gjelder",
    "c": "Det går ikke fram hvilket parti eller hvilken gruppe velgeren stemmer på",
    "d": "Partiet eller gruppen stiller ikke liste",
    "w": "Ikke en stemmeseddel for seg; foreslås trukket",
}

KINDS = {
    "list": "Partiliste",
    "party": "Partistemmeseddel",
    "blank": "Blank stemmeseddel",
    "mayor": "Ordførerseddel",
    "unknown": "Ukjent",
}
"""Kinds of sheets by `SheetKind`."""
