"""What the reader says of a doubt, in the reviewers' language."""

from __future__ import annotations

import re

_OWN_LIST = " The candidate it fits best stands on the ballot's own list, and would be ignored."
_OF_OWN_LIST = "Kandidaten det passer best på, står på seddelens egen liste, og ville ikke telle."

ASKED = (
    "It cannot be judged whether this box is marked.",
    "The mark in this box may have been taken back.",
    "There is writing or a mark outside every field.",
    "There is ink that may be a stamp.",
    "No official stamp on either side.",
    "Only one side of this sheet was delivered.",
    "A name is written in this row.",
    "The name cannot be read with certainty.",
    "The name fits no candidate of any list.",
)
"""Says no more than the question does."""

_SAID = {
    "A line of the scanner's own runs over the whole picture; clean the scanner glass.": (
        "En strek fra skanneren går over hele bildet. Rengjør skannerglasset."
    ),
    "The picture is {} mm longer than this ballot, which lies at one end of it on the front and at the other "
    "on the back: two sheets were fed at once.": (
        "Bildet er {} mm lengre enn seddelen, som ligger i den ene enden på forsiden og i den andre på "
        "baksiden: to ark ble matet på én gang."
    ),
    "There is print beyond the edge of this ballot: two sheets were fed at once.": (
        "Det er trykk utenfor seddelens kant: to ark ble matet på én gang."
    ),
    "{}: {} mm longer than any ballot here; two sheets may lie in it.": (
        "{}: {} mm lengre enn noen seddel her. Det kan ligge to ark i bildet."
    ),
    "A scanner streak runs through this row.": "En stripe fra skanneren går gjennom denne raden.",
    "A scanner streak runs through this box; it cannot be judged whether it is marked.": (
        "En stripe fra skanneren går gjennom ruten."
    ),
    "There are specks in this row, as pale writing leaves in black and white. Look at the paper.": (
        "Det er prikker i raden, slik svak skrift etterlater i svart-hvitt. Se på papiret."
    ),
    "The ballot id cannot be read with certainty (read {}).": "Seddel-id ble lest som {}.",
    "Paper or print is missing at the ballot id (read {}).": (
        "Papir eller trykk mangler ved seddel-id, som ble lest som {}."
    ),
    "A party or list name is written in.": "Et parti eller listenavn er skrevet inn.",
    "A party or list name is written in: {}.": "Et parti eller listenavn er skrevet inn: {}.",
    "No parties are crossed; one is needed.": "Ingen partier er krysset av; det må være ett.",
    "{} parties are crossed; one is needed.": "{} partier er krysset av; det må være ett.",
    "{} has no list in this area: rejection for reason d is proposed.": (
        "{} stiller ikke liste her: forkasting etter d foreslås."
    ),
    "The mark lies over this box and the next; it cannot be judged which is meant.": (
        "Merket ligger over denne ruten og den neste. Hvilken er ment?"
    ),
    "The pale mark in this box may be another of the ballot's marks, set off by a fold.": (
        "Det svake merket i ruten kan være et avtrykk av et annet merke på seddelen, etter bretten."
    ),
    "One stroke runs through this box and another; it cannot be judged which is marked.": (
        "En strek går gjennom denne ruten og en annen. Hvilken er merket?"
    ),
    "A stroke lies along this box; it cannot be judged whether it is marked.": "En strek ligger langs ruten.",
    "A stamp runs over this box; it cannot be judged whether it is marked.": "Et stempel går over ruten.",
    "A stroke from outside runs over this box; it cannot be judged whether it is marked.": (
        "En strek utenfra går over ruten."
    ),
    "There may be a pale mark in this box.": "Det kan være et svakt merke i ruten.",
    "Both images show the {} of a ballot.": "Begge bildene viser samme side av en seddel ({}).",
    "The sides have different ballot ids ({} and {}).": "Sidene har hver sin seddel-id ({} og {}).",
    "The sides have different ballot numbers ({} and {}).": "Sidene har hvert sitt seddelnummer ({} og {}).",
    "The side that carries the ballot number is missing.": "Siden med seddelnummeret mangler.",
    "The {} does not lie well on ballot {}: {} of its print agrees, within {} mm.": (
        "Siden ({}) passer dårlig med seddel {}: {} av trykket stemmer, innenfor {} mm."
    ),
    "The ballot number {} is not of this election.": "Seddelnummer {} hører ikke til dette valget.",
    "The ballot number cannot be read with certainty (read {}).": "Seddelnummeret ble lest som {}.",
    "The ballot number says {}, the party header does not agree.": (
        "Seddelnummeret sier {}, men partinavnet stemmer ikke med det."
    ),
    "The name fits two candidates equally well.": "Navnet passer like godt på to kandidater.",
    "The name fits more than one candidate.": "Navnet passer på mer enn én kandidat.",
    "Too little is written to tell a candidate by.": "For lite er skrevet til å kjenne igjen en kandidat.",
    "Only a part of a name was read, as a surname alone.": (
        "Bare en del av et navn ble lest, for eksempel et etternavn."
    ),
    "The name is not written in full as it is printed, and what is written fits only in part.": (
        "Navnet er ikke skrevet fullt ut, og det som er skrevet, passer bare delvis."
    ),
    "The name is clearly written, and differs from the candidate's in its letters.": (
        "Navnet er tydelig skrevet, men med andre bokstaver enn kandidatens."
    ),
    "What is written fits one of the candidate's names only in part.": (
        "Det som er skrevet, passer bare delvis med ett av kandidatens navn."
    ),
    "The name is written with an initial, and another candidate's comes near.": (
        "Navnet er skrevet med forbokstav, og en annen kandidats ligner."
    ),
    "What is written in this row looks struck out.": "Det som er skrevet i raden, ser strøket ut.",
    "Two lines are written in this row.": "Det er skrevet på to linjer i raden.",
    "The writing goes beyond this row, or writing from beside it comes in.": (
        "Skriften går ut av raden, eller skrift fra naboraden kommer inn."
    ),
    "A stroke may run through the name, or a part of it.": (
        "Det kan gå en strek gjennom navnet, eller en del av det."
    ),
    "A sign that no name has stands after the name.": (
        "Etter navnet står et tegn som ikke hører til i et navn."
    ),
    "The party that is written does not fit the name.": "Partiet som er skrevet, passer ikke med navnet.",
    "Only the party column of this row is written in.": "Bare partikolonnen er skrevet i.",
    "The writing in this row is too faint to read.": "Skriften i raden er for svak til å leses.",
    "Nothing legible is written in this row.": "Ingenting leselig er skrevet i raden.",
    "There may be pale writing in this row.": "Det kan være svak skrift i raden.",
    "There may be pale writing in the field for a party.": "Det kan være svak skrift i feltet for parti.",
    "A stamp lies over this row.": "Et stempel ligger over raden.",
    "Paper is missing here.": "Her mangler det papir.",
    "Print is missing or covered here.": "Her mangler trykk, eller det er dekket.",
    "A part of the page lies outside the picture here: scan it again, or look at the paper.": (
        "En del av siden ligger utenfor bildet. Skann den på nytt, eller se på papiret."
    ),
    "There is a bright colour here, as of a highlighter.": "Her er en sterk farge, som av en merketusj.",
    "Something is written over the ballot number.": "Noe er skrevet over seddelnummeret.",
    "Something is written over the ballot id.": "Noe er skrevet over seddel-id.",
    "It looks like a stamp, but not all of it like one of those on the other ballots: another office's, or "
    "written over.": (
        "Det ligner et stempel, men ikke helt de andre sedlenes: kanskje et annet kontors, eller noe er "
        "skrevet over det."
    ),
    "It is the print of a stamp reversed: set off from another ballot while it was wet.": (
        "Det er et speilvendt stempel, smittet av fra en annen seddel mens det var vått."
    ),
    "No stamp on the side that was delivered; the other is missing.": (
        "Intet stempel på siden som finnes; den andre mangler."
    ),
    "A page is missing from these scans, or there twice, so the two pictures may be of two ballots. Compare "
    "them with the paper; where most are wrong, scan the batch again.": (
        "En side mangler i bunken, eller finnes to ganger, så de to bildene kan være av to sedler. "
        "Sammenlign med papiret; er de fleste gale, skann bunken på nytt."
    ),
    "The program failed on this sheet ({}). Rule it from the picture or the paper.": (
        "Programmet feilet på dette arket ({}). Avgjør det ut fra bildet eller papiret."
    ),
    "{}: is an empty sheet of paper, nothing is printed on it.": "{}: et tomt ark, uten trykk.",
    "{}: shows no side of any ballot of this election.": (
        "{}: viser ingen side av noen seddel i dette valget."
    ),
    "No first choices are crossed.": "Intet førstevalg er krysset av.",
    "{} first choices are crossed.": "{} førstevalg er krysset av.",
    "{} second choices are crossed.": "{} andrevalg er krysset av.",
    "No first choices are crossed; {} second choices are crossed.": (
        "Intet førstevalg er krysset av, og {} andrevalg."
    ),
    "{} first choices are crossed; {} second choices are crossed.": (
        "{} førstevalg og {} andrevalg er krysset av."
    ),
    "First and second choice are the same.": "Første og andre valg er samme kandidat.",
}
"""Sentences of the reader, ``{}`` for what differs, and the page's; of two that fit the longer counts."""

_PATTERNS = [
    (re.compile("(.*)".join(re.escape(part) for part in said.split("{}")), re.DOTALL), ours)
    for said, ours in sorted(_SAID.items(), key=lambda pair: -len(pair[0]))
]


def in_norwegian(detail: str) -> str:
    """A doubt's detail as the desk says it.

    Returns:
        Nothing where the question says as much, and the detail as it is where it is not the reader's.
    """
    said = _sentence(detail.removesuffix(_OWN_LIST))
    return f"{said} {_OF_OWN_LIST}".strip() if detail.endswith(_OWN_LIST) else said


def _sentence(said: str) -> str:
    if said in ASKED:
        return ""
    for pattern, ours in _PATTERNS:
        found = pattern.fullmatch(said)
        if found is not None:
            return ours.format(*found.groups())
    return said
