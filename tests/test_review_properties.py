"""Whatever is ruled, a sheet ends in exactly one class."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ballot.box import SheetCase
from ballot.reading import (
    Doubt,
    DoubtCode,
    Reading,
    SheetKind,
    StampState,
)
from ballot.ruling import HandEntry, Role, SheetState, Verdict
from review.issues import issues_of, verdicts_for
from tests.rulings import INSIDE, enter, found, rule, written
from tests.station_fakes import ELECTION, case, reading

NUMBERS = st.integers(1, 12)
NAMES = st.builds(lambda party, number: f"{party}:{number}", st.sampled_from(["A", "H", "RMDG"]), NUMBERS)
DOUBTS = st.lists(
    st.one_of(
        st.builds(lambda n: Doubt(DoubtCode.MARK_UNCERTAIN, candidate=n), NUMBERS),
        st.builds(lambda n: Doubt(DoubtCode.WRITE_IN_UNCERTAIN, row=n), st.integers(1, 7)),
        st.sampled_from(
            [
                Doubt(code)
                for code in DoubtCode
                if code
                not in (DoubtCode.MARK_UNCERTAIN, DoubtCode.WRITE_IN_UNCERTAIN, DoubtCode.DUPLICATE_BALLOT)
            ]
        ),
    ),
    max_size=5,
)
READINGS = st.builds(
    lambda kind, list_id, personal, names, stamp, doubts, party, inside: reading(
        kind=kind,
        list_id=list_id,
        personal=tuple(personal),
        write_ins=tuple(written(row, name, doubtful) for row, (name, doubtful) in enumerate(names, start=1)),
        stamp=stamp,
        doubts=tuple(doubts),
        party=party,
        registrations=(INSIDE,) if inside else (),
    ),
    st.sampled_from([SheetKind.LIST, SheetKind.PARTY, SheetKind.BLANK, SheetKind.UNKNOWN]),
    st.sampled_from(["A", "H", "RMDG", "X", None]),
    st.sets(NUMBERS),
    st.lists(st.tuples(st.one_of(st.none(), NAMES), st.booleans()), max_size=7),
    st.sampled_from(list(StampState)),
    DOUBTS,
    st.sampled_from([None, "Høyre", "Kristelig Folkeparti", "blank"]),
    st.booleans(),
)


def answer_first(sheet: SheetCase, draw: st.DataObject) -> SheetCase | None:
    """Makes one ruling that is allowed, if the sheet waits for any."""
    standing = found(sheet)
    if standing.state is SheetState.PROPOSED_REJECTION:
        proposal = next(p for p in standing.proposals)
        verdict = draw.draw(st.sampled_from([Verdict.REJECT, Verdict.TURN_INTO_BLANK]))
        value = "a" if verdict is Verdict.REJECT else ""
        return rule(sheet, proposal.issue, verdict, value, Role.COMMITTEE)
    if standing.state is not SheetState.NEEDS_REVIEW:
        return None
    assert sheet.reading is not None
    issue = standing.open[0]
    verdicts = verdicts_for(issue, sheet.reading.reading, ELECTION)
    if not verdicts:
        return enter(sheet, HandEntry(SheetKind.LIST, draw.draw(st.booleans()), "A", (1,), ("H:1",)))
    verdict = draw.draw(st.sampled_from(verdicts))
    values = {
        Verdict.CANDIDATE: NAMES,
        Verdict.WRITE_IN: NAMES,
        Verdict.MARK_FOR: NUMBERS.map(str),
        Verdict.PARTY: st.sampled_from(["Høyre", "Kristelig Folkeparti"]),
        Verdict.BALLOT_ID: st.just("00000001"),
    }
    return rule(sheet, issue.key, verdict, draw.draw(values[verdict]) if verdict in values else "")


@given(READINGS, st.data())
def test_ruling_on_everything_that_is_open_ends_in_exactly_one_class(
    read: Reading, data: st.DataObject
) -> None:
    """No reading and no allowed rulings lead to a dead end, a guess, or a ballot in no class."""
    sheet: SheetCase | None = case(read)
    steps = 0
    while sheet is not None:
        standing = found(sheet)
        done = standing.state in (SheetState.ACCEPTED, SheetState.SETTLED, SheetState.REJECTED)
        assert (standing.record is not None) is done
        if standing.state is SheetState.ACCEPTED:
            assert not read.doubts
            assert read.stamp is StampState.PRESENT
            assert not any(w.doubtful for w in read.write_ins)
        if standing.record is not None:
            record = standing.record
            assert sum((record.list_id is not None, record.blank, record.rejected is not None)) == 1
            assert len(record.write_ins) <= ELECTION.max_write_ins
            assert not any(name.startswith(f"{record.list_id}:") for name in record.write_ins)
            assert (record.rejected is not None) == (standing.state is SheetState.REJECTED)
        sheet = answer_first(sheet, data)
        steps += 1
        assert steps < 40


@given(READINGS)
def test_issue_keys_are_unique_and_numbered_in_order(read: Reading) -> None:
    issues = issues_of(read, ("1-0002", "1-0003"))
    assert len({i.key for i in issues}) == len(issues) == len(read.doubts) + 2
    assert [i.number for i in issues] == list(range(1, len(issues) + 1))
