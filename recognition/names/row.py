"""Reading a write-in row: which candidate is named, how surely, and why a person must look."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from ballot.election import Election
from ballot.geometry import Box
from ballot.layout import WriteInRow
from ballot.reading import DoubtCode, NamedCandidate, WriteInReading
from recognition.geometry import GreyImage
from recognition.names.alphabet import fold
from recognition.names.confidence import TIE, Calibration, Evidence, evidence_of, hindrance
from recognition.names.figures import DEFAULT_CALIBRATION, STRUCK_ODDS
from recognition.names.ink import CellInk, CellState, cell_ink
from recognition.names.lexicon import Lexicon, lexicon_of
from recognition.names.network import NameNetwork, Sighting
from recognition.names.parties import party_lexicon
from recognition.names.picture import row_picture
from recognition.names.scoring import RowScores, score_row
from recognition.patches import DetailSource
from recognition.profile import DEFAULT_PROFILE
from recognition.register import Registration

BEST = 5

_OTHER_PARTY_COST = np.float32(6.0)
"""Nats that a clearly written party takes from the candidates of other lists."""
_CLEAR_PARTY_MARGIN, _CLEAR_PARTY_GAP = 3.0, 0.7
_OTHER_PARTY_GAP, _OWN_PARTY_GAP = 2.0, 4.0
"""What is no party of this election, or a name, has so many nats a letter against the candidate's list, and
so many where no other list fits better: "FRP" in a quick hand has 2.5."""

_UNKNOWN_BELOW = 0.02

_NO_LETTERS = tuple("?0123456789")
"""A voter's query in brackets, a number: of 5,499 accepted rows 24 ended with such a sign by mistake."""

_STATE_DETAILS = {
    CellState.STRUCK_OUT: "What is written in this row looks struck out.",
    CellState.TWO_LINES: "Two lines are written in this row.",
    CellState.BEYOND_CELL: "The writing goes beyond this row, or writing from beside it comes in.",
}


@dataclass(frozen=True)
class NameReader:
    """Everything needed to read the rows of one election. Built once a worker.

    Attributes:
        names, parties: The closed lists of candidates and of lists.
    """

    network: NameNetwork
    names: Lexicon
    parties: Lexicon
    calibration: Calibration = DEFAULT_CALIBRATION


@dataclass(frozen=True, slots=True)
class RowReading:
    """A row that has ink.

    Attributes:
        code, detail: Why a person must look; None and empty when the row is accepted.
        own_list: The best candidate stands on the ballot's own list, so the entry counts for
            nothing [practice]; to be logged.
    """

    reading: WriteInReading
    code: DoubtCode | None
    detail: str
    own_list: bool = False


@dataclass(frozen=True, slots=True)
class PartyReading:
    """What stands in a party cell.

    Attributes:
        list_id: The list that fits best; None when nothing legible is written.
        clear: Whether no other list comes near, the ink fits the list's name or code, and nothing runs
            through it.
        name: That list's name.
        legible: The same, whatever runs through or under it: an underlined party still contradicts.
        against: Nats a letter that the ink has against each list.
    """

    text: str
    list_id: str | None
    clear: bool
    name: str | None = None
    legible: bool = False
    against: Mapping[str, float] = field(default_factory=dict)


def name_reader(
    election: Election, model: bytes, calibration: Calibration = DEFAULT_CALIBRATION
) -> NameReader:
    """Prepares the reading of an election's rows.

    Args:
        model: The checked network, from `station.name_model.load_name_model`.
    """
    return NameReader(NameNetwork(model), lexicon_of(election), party_lexicon(election), calibration)


def read_row(
    source: DetailSource,
    registration: Registration,
    detail: GreyImage,
    row: WriteInRow,
    own_list: str | None,
    reader: NameReader,
    min_ink_mm2: float,
    accepted_error: float = DEFAULT_PROFILE.name_error,
) -> RowReading | None:
    """Reads one write-in row of a registered side; None when the row is empty.

    Args:
        detail: The blank side at `DETAIL_DPI`.
        own_list: The ballot's list.
        min_ink_mm2: A cell with less ink is empty.
        accepted_error: Largest share of wrong rows among the accepted ones; 0 accepts none, so
            that every row goes to a person.
    """
    name = cell_ink(source, registration, detail, row.name, min_ink_mm2)
    party: CellInk | None = None
    if row.party is not None:
        party = cell_ink(source, registration, detail, row.party, min_ink_mm2)
    return read_cells(row.row, name, party, own_list, reader, accepted_error)


def read_cells(
    row: int,
    name: CellInk,
    party: CellInk | None,
    own_list: str | None,
    reader: NameReader,
    accepted_error: float = DEFAULT_PROFILE.name_error,
) -> RowReading | None:
    """Reads a row from the ink of its cells; as `read_row`."""
    written_party = None if party is None else read_party(party, reader)
    if name.state is CellState.EMPTY:
        if party is None or party.state is CellState.EMPTY:
            return None
        return _doubted(row, "", "Only the party column of this row is written in.")
    picture = row_picture(name.ink)
    if picture is None:
        return _doubted(row, "", "The writing in this row is too faint to read.")
    sighting = reader.network.read(picture)
    scores = score_row(sighting.log_probabilities, reader.names)
    chosen, conflict = _weighed(scores, reader.names, written_party)
    evidence = evidence_of(chosen, reader.names, sighting.log_probabilities)
    if evidence is None:
        return _doubted(row, sighting.text, "Nothing legible is written in this row.")
    best = _best(chosen, reader.names, reader.calibration.probability(evidence))
    problem = _problem(name, sighting, evidence, conflict)
    certain = best[0].confidence >= reader.calibration.threshold(accepted_error)
    own = reader.names.entries[int(chosen.entry.argmax())].list_id == own_list
    if certain and not problem:
        accepted = WriteInReading(row, sighting.text, best[0].candidate, best[0].confidence, best, False)
        return RowReading(accepted, None, "", own)
    reading = WriteInReading(row, sighting.text, None, best[0].confidence, best, True)
    readable = name.state is CellState.WRITTEN and evidence.margin >= TIE
    if not readable or best[0].confidence >= _UNKNOWN_BELOW:
        return RowReading(reading, DoubtCode.WRITE_IN_UNCERTAIN, problem or _uncertain(evidence), own)
    return RowReading(reading, DoubtCode.WRITE_IN_UNKNOWN, "The name fits no candidate of any list.", False)


def read_party_cell(
    source: DetailSource,
    registration: Registration,
    detail: GreyImage,
    cell: Box,
    reader: NameReader,
    min_ink_mm2: float,
) -> PartyReading:
    """Reads the name or code of a list in any cell, such as the field of a party ballot."""
    return read_party(cell_ink(source, registration, detail, cell, min_ink_mm2), reader)


def read_party(cell: CellInk, reader: NameReader) -> PartyReading:
    """Reads the name or code of a list from the ink of a cell.

    What looks struck out, or is joined with its neighbours, is read but never clear.
    """
    picture = row_picture(cell.ink) if cell.state is not CellState.EMPTY else None
    if picture is None:
        return PartyReading("", None, False)
    sighting = reader.network.read(picture)
    scores = score_row(sighting.log_probabilities, reader.parties)
    evidence = evidence_of(scores, reader.parties, sighting.log_probabilities)
    if evidence is None:
        return PartyReading(sighting.text, None, False)
    near = evidence.margin >= _CLEAR_PARTY_MARGIN and evidence.gap <= _CLEAR_PARTY_GAP * evidence.letters
    clear = near and cell.state is CellState.WRITTEN and sighting.struck <= STRUCK_ODDS
    found = reader.parties.entries[int(scores.entry.argmax())]
    against = _against(scores, reader.parties)
    return PartyReading(sighting.text, found.list_id, clear, found.name, near, against)


def _against(scores: RowScores, parties: Lexicon) -> dict[str, float]:
    """Nats a letter by which the free best text fits better than each list's best form."""
    found: dict[str, float] = {}
    for entry, score, form in zip(parties.entries, scores.entry.tolist(), scores.form.tolist(), strict=True):
        lost = scores.free - score - float(parties.form_cost[form])
        a_letter = lost / max(1, len(fold(parties.form_text[form])))
        found[entry.list_id] = min(a_letter, found.get(entry.list_id, a_letter))
    return found


def _weighed(scores: RowScores, names: Lexicon, party: PartyReading | None) -> tuple[RowScores, bool]:
    """The scores with the written party as evidence, and whether party and name contradict."""
    if party is None or not names.size:
        return scores, False
    if not party.legible:
        list_id = names.entries[int(scores.entry.argmax())].list_id
        most = _OWN_PARTY_GAP if list_id == party.list_id else _OTHER_PARTY_GAP
        return scores, party.against.get(list_id, 0.0) > most
    other = np.array([entry.list_id != party.list_id for entry in names.entries])
    weighed = scores.entry - np.where(other, _OTHER_PARTY_COST, np.float32(0))
    best = int(scores.entry.argmax())
    fits = float(scores.entry[~other].max(initial=-np.inf))
    conflict = bool(other[best]) and fits < float(scores.entry[best]) - TIE
    if conflict or not party.clear:
        return scores, conflict
    return RowScores(scores.free, scores.text, weighed, scores.form), False


def _best(scores: RowScores, names: Lexicon, probability: float) -> tuple[NamedCandidate, ...]:
    """The five best; what is left of certainty is shared among the others and "none of them"."""
    order = np.argsort(-scores.entry, kind="stable")[:BEST]
    found = [NamedCandidate(names.entries[int(order[0])].key, probability)]
    weights = np.exp(np.maximum(scores.entry[order[1:]] - scores.entry[order[0]], -40.0).astype(np.float64))
    left = min(probability, (1.0 - probability) / (1.0 + float(weights.sum())))
    found += [
        NamedCandidate(names.entries[int(i)].key, float(left * weight))
        for i, weight in zip(order[1:], weights, strict=True)
    ]
    return tuple(found)


def _problem(cell: CellInk, sighting: Sighting, evidence: Evidence, conflict: bool) -> str:
    """Why a row cannot be accepted however well a name fits."""
    if cell.state in _STATE_DETAILS:
        return _STATE_DETAILS[cell.state]
    if not sighting.struck <= STRUCK_ODDS:
        return "A stroke may run through the name, or a part of it."
    if fold(sighting.text)[-1:] in _NO_LETTERS:
        return "A sign that no name has stands after the name."
    if conflict:
        return "The party that is written does not fit the name."
    return hindrance(evidence)


def _uncertain(evidence: Evidence) -> str:
    if evidence.margin < 4.0:
        return "The name fits more than one candidate."
    return "The name cannot be read with certainty."


def _doubted(row: int, text: str, detail: str) -> RowReading:
    reading = WriteInReading(row, text, None, 0.0, (), True)
    return RowReading(reading, DoubtCode.WRITE_IN_UNCERTAIN, detail)
