"""Norwegian (bokmål) names for what results show."""

from __future__ import annotations

from ballot.record import CountCategory, RejectionReason
from tally.result import CandidateStatus
from tally.secrecy import PublishedCategory

CATEGORY_NAMES: dict[CountCategory, str] = {
    CountCategory.FO: "Forhåndsstemmer",
    CountCategory.FS: "Forhåndsstemmer, sent innkomne eller lagt til side",
    CountCategory.VO: "Valgtingsstemmer",
    CountCategory.VF: "Valgtingsstemmer fra annen krets",
    CountCategory.VS: "Valgtingsstemmer i særskilt omslag",
    CountCategory.VB: "Valgtingsstemmer i beredskapskonvolutt",
    CountCategory.BF: "Stemmer fra annen bydel",
}

REJECTION_NAMES: dict[RejectionReason, str] = {
    RejectionReason.A: "mangler offisielt stempel",
    RejectionReason.B: "viser ikke hvilket valg",
    RejectionReason.C: "viser ikke hvilket parti eller hvilken gruppe",
    RejectionReason.D: "partiet eller gruppa stiller ikke liste",
}

STATUS_NAMES: dict[CandidateStatus, str] = {
    CandidateStatus.ELECTED: "Representant",
    CandidateStatus.DEPUTY: "Varamedlem",
    CandidateStatus.NOT_ELECTED: "-",
}


def merged_name(row: PublishedCategory) -> str:
    """The name of a row that holds several categories."""
    return "Øvrige, slått sammen: " + ", ".join(row.categories)
