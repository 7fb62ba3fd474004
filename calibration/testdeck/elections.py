"""Made-up elections."""

from __future__ import annotations

import random

from ballot.election import (
    BallotKind,
    BallotStyle,
    Candidate,
    CandidateList,
    District,
    Election,
    ElectionKind,
    Rules,
)
from ballot.errors import CalibrationError
from calibration.testdeck import names

PARTIES = (
    ("A", "Arbeiderpartiet"),
    ("H", "Høyre"),
    ("SP", "Senterpartiet"),
    ("FRP", "Fremskrittspartiet"),
    ("SV", "SV - Sosialistisk Venstreparti"),
    ("V", "Venstre"),
    ("KRF", "Kristelig Folkeparti"),
    ("MDG", "Miljøpartiet De Grønne"),
    ("R", "Rødt"),
    ("INP", "Industri- og Næringspartiet"),
    ("PP", "Pensjonistpartiet"),
    ("KONS", "Konservativt"),
)
# Registered parties that stand on the party ballot although they have no list in the area.
PARTIES_WITHOUT_LIST = ("KONS", "PP")
JOINT = ("V", "KRF")
ORDINARY = tuple(code for code, _ in PARTIES if code not in (*JOINT, *PARTIES_WITHOUT_LIST))
KIND_DIGIT = {ElectionKind.MUNICIPAL_COUNCIL: "2", ElectionKind.COUNTY_COUNCIL: "3", ElectionKind.MAYOR: "6"}
BLANK_SERIAL, PARTY_SERIAL = 900, 901
AREAS = ("Fjordvik", "Skogdal", "Viddefjell", "Havnes", "Elvebygd", "Lyngøy", "Bergseter", "Straumsund")
DISTRICTS = ("Sentrum", "Nordsida", "Øvre bygd", "Ytre øyer")


def ballot_number(kind: ElectionKind, area_id: str, serial: int) -> str:
    """The 22 printed digits: election kind, area, list, filling, and the digit sum modulo ten."""
    head = f"{KIND_DIGIT[kind]}{area_id}{serial:03d}".ljust(21, "0")
    return head + str(sum(map(int, head)) % 10)


def make_election(
    seed: int,
    kind: ElectionKind = ElectionKind.MUNICIPAL_COUNCIL,
    seats: int = 19,
    lists: int = 6,
    namesakes: int = 1,
) -> Election:
    """A made-up election; the same arguments give the same election.

    Args:
        seed: Decides names, area and order of the lists.
        kind: Council or mayor; a mayoral election has `lists` candidates.
        seats: Seats of the council, an odd number from 11 (valglov-2002 § 3-1; kommuneloven § 5-5).
        lists: Lists that stand, with one joint list from five on and one local list from four on.
        namesakes: Candidates of different lists who share a name (municipal only).

    Raises:
        CalibrationError: More lists than there are parties, or too few.
    """
    most = _most_lists(kind)
    if not 2 <= lists <= most:
        raise CalibrationError(
            f"A made-up {kind.value} election has 2 to {most} lists; {lists} were asked for.",
            "Choose another number.",
        )
    rng = random.Random(f"election-{seed}-{kind.value}")
    area = AREAS[seed % len(AREAS)]
    area_id = f"{9900 + seed % 97:04d}"
    if kind is ElectionKind.MAYOR:
        return _mayoral(rng, area, area_id, lists)
    stands = _lists(rng, kind, area, seats, lists)
    if kind is ElectionKind.MUNICIPAL_COUNCIL:
        stands = _with_namesakes(rng, stands, namesakes)
    municipal = kind is ElectionKind.MUNICIPAL_COUNCIL
    return Election(
        id=f"{'KV' if municipal else 'FT'}2023-{area_id}",
        name="Kommunestyrevalget 2023" if municipal else "Fylkestingsvalget 2023",
        date="2023-09-11",
        kind=kind,
        rules=Rules.VALGLOV_2002,
        area_id=area_id,
        area_name=f"{area} {'kommune' if municipal else 'fylkeskommune'}",
        seats=seats,
        max_write_ins=max(5, seats // 4) if municipal else 0,
        districts=tuple(District(f"{i:04d}", name) for i, name in enumerate(DISTRICTS[:3], 1)),
        lists=stands,
        ballots=_styles(kind, area_id, stands),
    )


def _most_lists(kind: ElectionKind) -> int:
    """The ordinary parties, a joint list and, in a municipality, a local list."""
    return len(ORDINARY) + (2 if kind is ElectionKind.MUNICIPAL_COUNCIL else 1)


def _mayoral(rng: random.Random, area: str, area_id: str, count: int) -> Election:
    persons = names.invent_names(rng, count, set())
    candidates = tuple(
        Candidate(number=i, name=name, list_name=PARTIES[i - 1][1]) for i, name in enumerate(persons, 1)
    )
    number = ballot_number(ElectionKind.MAYOR, area_id, 1)
    return Election(
        id=f"ordforer-{area_id}",
        name="Direkte valg av ordfører 2007",
        date="2007-09-10",
        kind=ElectionKind.MAYOR,
        rules=Rules.MAYOR_2007,
        area_id=area_id,
        area_name=f"{area} kommune",
        seats=1,
        max_write_ins=0,
        districts=(District("0001", DISTRICTS[0]),),
        lists=(),
        ballots=(BallotStyle(kind=BallotKind.MAYOR, number=number, file="ballots/MAYOR.pdf"),),
        mayor_candidates=candidates,
    )


def _lists(
    rng: random.Random, kind: ElectionKind, area: str, seats: int, count: int
) -> tuple[CandidateList, ...]:
    """The lists with their candidates: 7 to seats + 6 of them (valglov-2002 § 6-2)."""
    taken: set[str] = set()
    local = count >= 4 and kind is ElectionKind.MUNICIPAL_COUNCIL
    by_code = dict(PARTIES)
    single = count - (count >= 5) - local
    heads: list[tuple[str, str, tuple[str, ...]]]
    heads = [(code, by_code[code], (code,)) for code in ORDINARY[:single]]
    if count >= 5:
        heads.append(("".join(JOINT), " og ".join(by_code[code] for code in JOINT), JOINT))
    if local:
        heads.append(("L1", f"{area} Bygdeliste", ("L1",)))
    most_added = 0 if kind is ElectionKind.COUNTY_COUNCIL else 4 if seats <= 23 else 6 if seats <= 53 else 10
    stands = []
    for rank, (code, name, parties) in enumerate(heads):
        size = max(7, seats + 6 - rank * rng.randint(1, 3))
        added = rng.randint(0, most_added)
        candidates = tuple(
            Candidate(number=i, name=person, born=names.invent_birth_year(rng), stemmetillegg=i <= added)
            for i, person in enumerate(names.invent_names(rng, size, taken), 1)
        )
        stands.append(CandidateList(id=code, name=name, parties=parties, candidates=candidates))
    return tuple(stands)


def _with_namesakes(
    rng: random.Random, stands: tuple[CandidateList, ...], count: int
) -> tuple[CandidateList, ...]:
    """Gives `count` candidates of later lists the name of a candidate of the first list."""
    changed = list(stands)
    for i in range(min(count, len(stands) - 1)):
        model = rng.choice(stands[0].candidates[3:])
        target = changed[1 + i]
        at = rng.randrange(3, len(target.candidates))
        old = target.candidates[at]
        new = Candidate(number=old.number, name=model.name, born=old.born, stemmetillegg=old.stemmetillegg)
        candidates = (*target.candidates[:at], new, *target.candidates[at + 1 :])
        changed[1 + i] = CandidateList(target.id, target.name, target.parties, candidates)
    return tuple(changed)


def _styles(kind: ElectionKind, area_id: str, stands: tuple[CandidateList, ...]) -> tuple[BallotStyle, ...]:
    """A ballot for each list, a blank one and a party ballot."""
    styles = [
        BallotStyle(
            BallotKind.LIST, ballot_number(kind, area_id, i), f"ballots/{entry.id}.pdf", list_id=entry.id
        )
        for i, entry in enumerate(stands, 1)
    ]
    list_of = {code: entry.id for entry in stands for code in entry.parties}
    on_ballot = sorted(
        (name, list_of.get(code)) for code, name in PARTIES if code in list_of or code in PARTIES_WITHOUT_LIST
    )
    styles.append(
        BallotStyle(BallotKind.BLANK, ballot_number(kind, area_id, BLANK_SERIAL), "ballots/BLANK.pdf")
    )
    styles.append(
        BallotStyle(
            BallotKind.PARTY,
            ballot_number(kind, area_id, PARTY_SERIAL),
            "ballots/PARTY.pdf",
            parties=tuple(name for name, _ in on_ballot),
            party_lists=tuple(on_ballot),
        )
    )
    return tuple(styles)
