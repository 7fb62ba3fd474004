"""The closed list of names, as one trie that all rows of an election are scored against."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from ballot.election import Election
from recognition.names.alphabet import encode
from recognition.names.variants import written_forms

IntArray = npt.NDArray[np.int32]
FloatArray = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Entry:
    """A candidate as ``<list>:<number>``, with the list and the name."""

    key: str
    list_id: str
    name: str


@dataclass(frozen=True)
class Lexicon:
    """All written forms of all candidates, sharing their beginnings.

    Nodes are ordered by depth, parents by their own order, so that what one step of scoring
    needs lies together in memory. Node 0 is the root.

    Attributes:
        label: The letter class of each node.
        entered_from: Where a node is entered from, in the scores of all nodes followed by their
            blank-ended scores: the parent, or its blank-ended score when it has the same letter.
        depth_end: Index after the last node of each depth.
        form_node, form_entry, form_cost: For each written form the node where it ends, the
            candidate, and the cost in nats; sorted by candidate.
        entry_start: Index of each candidate's first form.
    """

    entries: tuple[Entry, ...]
    label: IntArray
    entered_from: IntArray
    depth: IntArray
    depth_end: IntArray
    form_node: IntArray
    form_entry: IntArray
    form_cost: FloatArray
    form_text: tuple[str, ...]
    entry_start: IntArray

    @property
    def size(self) -> int:
        """How many candidates."""
        return len(self.entries)


@lru_cache(maxsize=2)
def lexicon_of(election: Election) -> Lexicon:
    """The lexicon of an election: the candidates of every list. Built once a process, kept by hash.

    One lexicon serves all ballots. A name of the ballot's own list does not count
    [practice, EVA], but must be recognised as such and never be forced onto another list's
    candidate; so it is an entry like any other.
    """
    return build_lexicon(
        (Entry(f"{group.id}:{candidate.number}", group.id, candidate.name), written_forms(candidate))
        for group in election.lists
        for candidate in group.candidates
    )


def build_lexicon(named: Iterable[tuple[Entry, Mapping[str, float]]]) -> Lexicon:
    """The trie over all forms of the entries. No entry at all gives a lexicon that fits nothing.

    Args:
        named: Each entry with its written forms and their costs in nats. An entry without a form
            that has a letter is left out: nothing that is written can mean it.
    """
    entries: list[Entry] = []
    forms: list[tuple[tuple[int, ...], int, float, str]] = []
    for entry, written in named:
        best: dict[tuple[int, ...], tuple[float, str]] = {}
        for text, cost in written.items():
            code = encode(text)
            if code and (code not in best or cost < best[code][0]):
                best[code] = cost, text
        if best:
            forms += [(code, len(entries), cost, text) for code, (cost, text) in best.items()]
            entries.append(entry)
    nodes, parents, labels, depths = _trie([code for code, *_ in forms])
    same = labels == labels[parents]
    same[parents == 0] = False
    count = len(labels)
    form_entry = np.array([number for _, number, _, _ in forms], np.int32)
    return Lexicon(
        entries=tuple(entries),
        label=labels,
        entered_from=np.where(same, parents + count, parents).astype(np.int32),
        depth=depths,
        depth_end=np.searchsorted(depths, np.arange(depths[-1] + 1), side="right").astype(np.int32),
        form_node=nodes,
        form_entry=form_entry,
        form_cost=np.array([cost for _, _, cost, _ in forms], np.float32),
        form_text=tuple(text for *_, text in forms),
        entry_start=np.searchsorted(form_entry, np.arange(len(entries))).astype(np.int32),
    )


def _trie(codes: list[tuple[int, ...]]) -> tuple[IntArray, IntArray, IntArray, IntArray]:
    """The end node of each code, and parent, label and depth of each node, in order of depth."""
    end = np.zeros(len(codes), np.int32)
    parents, labels, depths = [0], [0], [0]
    waiting = {0: list(range(len(codes)))}
    depth = 0
    while waiting:
        deeper: dict[int, list[int]] = {}
        for parent, members in waiting.items():
            children: dict[int, list[int]] = defaultdict(list)
            for member in members:
                if len(codes[member]) == depth:
                    end[member] = parent
                else:
                    children[codes[member][depth]].append(member)
            for label, inside in sorted(children.items()):
                deeper[len(labels)] = inside
                parents.append(parent)
                labels.append(label)
                depths.append(depth + 1)
        waiting = deeper
        depth += 1
    return end, np.array(parents, np.int32), np.array(labels, np.int32), np.array(depths, np.int32)
