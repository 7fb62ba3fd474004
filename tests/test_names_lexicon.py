"""Letters, written forms, and the scores of the closed list against frames."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ballot.election import Candidate, CandidateList
from recognition.names.alignment import token_gaps
from recognition.names.alphabet import BLANK, LETTERS, encode, fold
from recognition.names.lexicon import Entry, FloatArray, Lexicon, build_lexicon, lexicon_of
from recognition.names.parties import list_forms, party_lexicon
from recognition.names.scoring import score_row
from recognition.names.variants import INITIAL_COST, SURNAME_COST, written_forms
from tests.name_elections import election_of

NEVER = -1e9


def lexicon(*names: str) -> Lexicon:
    return build_lexicon((Entry(f"A:{i}", "A", name), {name: 0.0}) for i, name in enumerate(names, 1))


def frames_of(letters: str, rng: np.random.Generator | None = None, noise: float = 0.05) -> FloatArray:
    """Frames that spell the letters, ``_`` being blank, each with a little of everything else."""
    rng = rng or np.random.default_rng(0)
    frames = rng.uniform(0.01, 1, (len(letters), len(LETTERS) + 1))
    frames *= noise / frames.sum(axis=1, keepdims=True)
    for frame, letter in zip(frames, letters, strict=True):
        frame[BLANK if letter == "_" else LETTERS.index(letter) + 1] += 1 - noise
    return np.log(frames).astype(np.float32)


def best_path(frames: FloatArray, code: tuple[int, ...]) -> float:
    """CTC Viterbi over the states of one text, written as in the textbooks."""
    states = [BLANK]
    for letter in code:
        states += [letter, BLANK]
    score = [NEVER] * len(states)
    score[0], score[1] = float(frames[0, BLANK]), float(frames[0, states[1]])
    for frame in frames[1:]:
        score = [
            float(frame[state])
            + max(
                score[i],
                score[i - 1] if i else NEVER,
                score[i - 2] if i > 1 and state != BLANK and state != states[i - 2] else NEVER,
            )
            for i, state in enumerate(states)
        ]
    return max(score[-1], score[-2])


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("Åse-Marie O'Brien", "åsemarieobrien"),
        ("K. A. Hansen", "kahansen"),
        ("Müller Jönsson", "mullerjønsson"),
        ("Élodie Ćosić", "elodiecosic"),
        ("Bjørn Ægir", "bjørnægir"),
        ("Šaddo Ŋoađđi Ŧ", "saddonoaddit"),
        ("Å\u030a".replace("Å", "A"), "å"),
        ("Иван", "????"),
        ("Anne\u2011Marie\u2010Lise\u2014Moe", "annemarielisemoe"),
        ("\u0130pek Kaya, Č\u030co", "ipekkayaco"),
        ("tlf. 12345678", "tlf12345678"),
        ("", ""),
    ],
)
def test_folding(written: str, folded: str) -> None:
    assert fold(written) == folded


@given(st.text(max_size=30))
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert set(fold(text)) <= set(LETTERS)


def test_forms_of_a_name_with_a_middle_name_and_a_hyphen() -> None:
    forms = {fold(text): cost for text, cost in written_forms(Candidate(1, "Anne-Marie Lie Hansen")).items()}
    for text in ("annemarieliehansen", "annehansen", "annemariehansen", "mariehansen", "annelie"):
        assert text in forms
    assert forms["ahansen"] >= INITIAL_COST
    assert forms["amlhansen"] == INITIAL_COST
    assert forms["hansen"] == SURNAME_COST
    assert forms["hansenannemarie"] > forms["annemariehansen"]
    assert "anne" not in forms and "aml" not in forms


@pytest.mark.parametrize("text", ["Per Olav", "Olav Lie", "Lie Hansen", "Per Lie", "Hansen"])
def test_what_may_be_another_persons_name_stands_for_nobody(text: str) -> None:
    """Given names alone, and a surname alone, also of two names: the name may go on in the next row."""
    assert written_forms(Candidate(1, "Per Olav Lie-Hansen"))[text] >= SURNAME_COST


@pytest.mark.parametrize(
    ("text", "cost"), [("Per Lie Hansen", 0.4), ("Per Hansen", 0.4), ("Olav Hansen", 1.2)]
)
def test_a_shortened_name_may_be_accepted(text: str, cost: float) -> None:
    assert written_forms(Candidate(1, "Per Olav Lie-Hansen"))[text] == cost


@pytest.mark.parametrize("hyphen", ["-", "\u2010", "\u2011", "\u2013"])
def test_whatever_hyphen_the_file_has_a_namesake_is_one(hyphen: str) -> None:
    names = f"Ane{hyphen}Marie Moe", "Ane Marie Moe"
    scores = score_row(frames_of("anemariemoe"), lexicon(*names))
    assert scores.entry[0] == scores.entry[1]
    assert "Ane Moe" in written_forms(Candidate(1, names[0]))


@pytest.mark.parametrize(
    ("name", "written", "cost"),
    [
        ("Nordmann, Kari Anne", "Kari Anne Nordmann", 0.0),
        ("Nordmann, Kari Anne", "Kari Nordmann", 0.4),
        ("Nordmann, Kari Anne", "Kari Anne", SURNAME_COST),
        ("Nordmann, Kari Anne", "Nordmann", SURNAME_COST),
        ("Lie Berg, Kari", "Lie Berg", SURNAME_COST),
        ("Kari Nordmann (f. 1970)", "Kari Nordmann", 0.0),
        ("Kari Nordmann, Moss", "Kari Nordmann", SURNAME_COST),
    ],
)
def test_a_surname_that_stands_first_stays_one(name: str, written: str, cost: float) -> None:
    """As they stood, «Kari Anne» was accepted for «Nordmann, Kari Anne»."""
    forms = written_forms(Candidate(1, name))
    assert forms[written] == cost
    assert " ".join(name.replace(",", " ").split()) in {text.replace(",", "") for text in forms}


def test_a_very_long_name_is_still_a_namesake_of_its_short_form() -> None:
    """Without it «Ole Lie» was accepted for the only other candidate of that name."""
    long = "Ole Johan van der Berg-Hansen Moe Lie"
    assert written_forms(Candidate(1, long))["Ole Lie"] == 0.4


@pytest.mark.parametrize(
    "name", ["Per Hansen jr.", "Per Hansen d.y.", "Per Hansen Senior", "Per Hansen, d. e."]
)
def test_the_younger_fits_the_name_alone_as_well_as_the_elder(name: str) -> None:
    forms = written_forms(Candidate(1, name))
    assert forms["Per Hansen"] == 0.0
    assert forms[" ".join(name.split())] == 0.0
    assert forms["Hansen"] == 2.5


def test_nicknames_only_from_the_election_file() -> None:
    forms = written_forms(Candidate(1, "Karl Berg", nicknames=("Kalle",)))
    assert forms["Kalle Berg"] == 0.0
    assert forms["Kalle"] == SURNAME_COST
    assert "Kalle" not in written_forms(Candidate(1, "Karl Berg"))


def test_very_short_surnames_do_not_stand_alone() -> None:
    assert "Bø" not in written_forms(Candidate(1, "Åse Bø"))


@given(
    st.lists(st.text("abø", min_size=1, max_size=5), min_size=1, max_size=8, unique=True),
    st.integers(6, 14),
    st.integers(0, 1000),
)
def test_trie_gives_each_name_the_score_it_has_alone(names: list[str], length: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    frames = np.log(rng.dirichlet(np.full(len(LETTERS) + 1, 0.1), length) + 1e-6).astype(np.float32)
    scores = score_row(frames, lexicon(*names))
    for name, score in zip(names, scores.entry, strict=True):
        alone = best_path(frames, encode(name))
        if alone > -1e8 or score > -1e8:
            assert score == pytest.approx(alone, abs=0.02)
        assert score <= scores.free + 1e-3


def test_what_is_spelt_wins_and_costs_nothing() -> None:
    scores = score_row(frames_of("__kk_aa_r_i__"), lexicon("Kari", "Karin", "Kåre"))
    assert int(scores.entry.argmax()) == 0
    assert scores.text == "kari"
    assert scores.free == pytest.approx(float(scores.entry[0]), abs=1e-3)


def test_double_letters_need_a_pause() -> None:
    double, single = lexicon("Anna", "Ana"), lexicon("Ana", "Anna")
    assert int(score_row(frames_of("a_n_n_a"), double).entry.argmax()) == 0
    assert int(score_row(frames_of("a_nn_a"), single).entry.argmax()) == 0


def test_long_pauses_change_no_score() -> None:
    names = lexicon("Anna", "Ana", "Arne")
    short = score_row(frames_of("a_n_n_a", noise=0.001), names)
    long = score_row(frames_of("a___n______n__a____", noise=0.001), names)
    assert np.argsort(short.entry).tolist() == np.argsort(long.entry).tolist()
    assert float(long.free - long.entry[0]) == pytest.approx(float(short.free - short.entry[0]), abs=0.02)


def test_empty_lexicon_scores_nobody() -> None:
    scores = score_row(frames_of("k_a_r_i"), build_lexicon([]))
    assert scores.entry.size == 0
    assert scores.text == "kari"


def test_entry_without_letters_is_left_out() -> None:
    found = build_lexicon(
        [(Entry("A:1", "A", "..."), {"...": 0.0}), (Entry("A:2", "A", "Kari"), {"Kari": 0.0})]
    )
    assert [entry.key for entry in found.entries] == ["A:2"]


def test_lexicon_of_an_election_has_every_list() -> None:
    election = election_of({"A": ["Kari Nordmann"], "H": ["Ola Hansen", "Per Lie"]})
    assert [entry.key for entry in lexicon_of(election).entries] == ["A:1", "H:1", "H:2"]


def test_lexicon_is_built_once_for_equal_elections() -> None:
    first = lexicon_of(election_of({"A": ["Kari Nordmann"]}))
    assert lexicon_of(election_of({"A": ["Kari Nordmann"]})) is first
    assert lexicon_of(election_of({"A": ["Kari Nordman"]})) is not first


def test_party_forms() -> None:
    forms = {fold(f) for f in list_forms(CandidateList("A", "Arbeiderpartiet", ("A",), ()))}
    assert {"a", "ap", "arbeiderpartiet"} <= forms
    forms = {fold(f) for f in list_forms(CandidateList("MDG", "Miljøpartiet De Grønne", ("MDG",), ()))}
    assert {"mdg", "grønne", "miljøpartietdegrønne"} <= forms
    names = party_lexicon(election_of({"A": ["Kari Nordmann"], "H": ["Ola Hansen"]}))
    assert [entry.key for entry in names.entries] == ["A", "H"]


def test_each_name_of_a_form_is_weighed_apart() -> None:
    frames = frames_of("k_a_r_i__l_i_e__")
    (_, first), (_, last) = token_gaps(frames, "Kari Lie")
    assert first == pytest.approx(0, abs=0.5) and last == pytest.approx(0, abs=0.5)
    (four, first), (three, last) = token_gaps(frames, "Kari Moe")
    assert (four, three) == (4, 3)
    assert first < 1.0 < 5.0 < last


@given(st.text("abø", min_size=1, max_size=6), st.integers(6, 14), st.integers(0, 1000))
def test_weighed_apart_or_not_the_gap_is_the_same(name: str, length: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    frames = np.log(rng.dirichlet(np.full(len(LETTERS) + 1, 0.1), length) + 1e-6).astype(np.float32)
    form = f"{name[:2]} {name[2:]}"
    gap = float(frames.max(axis=1).sum()) - best_path(frames, encode(name))
    if gap < 1e8 and len(name) <= length:
        assert sum(gap for _, gap in token_gaps(frames, form)) == pytest.approx(gap, abs=0.01)
