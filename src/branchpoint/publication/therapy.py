"""Drugs of intensive therapy, causes of death, genetics and serology: counts dealt out to the patients they fit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from branchpoint.publication.claims import Claims, Median, claimed, count_of, summarizes
from branchpoint.publication.joint import REMITTED, Disposition, Fate
from branchpoint.publication.solver import InfeasibleError
from branchpoint.publication.subjects import Course, DeathCause, Drug, EbvSerology, Etiology, NoTransplantReason

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import numpy as np

__all__ = ["Therapy", "reconstruct_therapy"]

T = TypeVar("T")

LATE_ETOPOSIDE_DOSES = (1, 5)
"""Doses where etoposide was added late to cyclosporine A, last excluded: an assumption."""
DOSES_A_WEEK = 2
PRIMARY_WITHOUT_FAVORABLE = 0.5
"""Chance of primary EBV serology in EBV-HLH without a favorable response, where it is not printed: an assumption."""
MOST_DRAWS = 100_000


@dataclass(frozen=True, slots=True)
class Therapy:
    """What was dealt out; all but the last two are by the index of the patient, where there is something to say."""

    drugs: Mapping[int, tuple[Drug, ...]]
    doses: Mapping[int, int]
    reasons: Mapping[int, NoTransplantReason]
    causes: Mapping[int, DeathCause]
    primary_hlh: frozenset[int]
    serology: Sequence[EbvSerology]


def reconstruct_therapy(
    claims: Claims, dispositions: Sequence[Disposition], exposure: Mapping[int, int], rng: np.random.Generator
) -> Therapy:
    """Deal out drugs, doses, reasons against HSCT, causes of death, genetics and serology.

    Parameters
    ----------
    claims : Claims
        The study's claims.
    dispositions : sequence of Disposition
        One a patient.
    exposure : mapping of int to int
        Days from the start of intensive therapy to last contact, by the index of the patient.
    rng : numpy.random.Generator
        Draws what the claims leave open.

    Raises
    ------
    InfeasibleError
        The claims name more patients than there are, or the doses agree with no draw.
    """
    reasons, causes = _reasons_and_causes(claims, dispositions, rng)
    drugs = _drugs(claims, dispositions, rng)
    for index, reason in reasons.items():
        if reason is NoTransplantReason.TOCILIZUMAB:
            drugs[index] += (Drug.TOCILIZUMAB,)
    return Therapy(
        drugs=drugs,
        doses=_doses(claims, dispositions, drugs, exposure, rng),
        reasons=reasons,
        causes=causes,
        primary_hlh=_primary_hlh(claims, dispositions, rng),
        serology=_serology(claims, dispositions, rng),
    )


def _indices(
    dispositions: Sequence[Disposition], where: Callable[[Disposition], bool], rng: np.random.Generator
) -> list[int]:
    """The patients for whom something holds, shuffled."""
    found = [index for index, disposition in enumerate(dispositions) if where(disposition)]
    return [found[place] for place in rng.permutation(len(found))]


def _deal(members: Sequence[int], hands: Sequence[tuple[int, T]], what: str) -> dict[int, T]:
    """Give each member one of the hands, so many of each."""
    cards = [card for count, card in hands for _ in range(count)]
    if len(cards) != len(members):
        raise InfeasibleError(f"{what}: {len(cards)} claimed, {len(members)} patients", "COUNTS DIFFER")
    return dict(zip(members, cards, strict=True))


def _reasons_and_causes(
    claims: Claims, dispositions: Sequence[Disposition], rng: np.random.Generator
) -> tuple[dict[int, NoTransplantReason], dict[int, DeathCause]]:
    def count(claim_id: str) -> int:
        return count_of(claims, claim_id)

    alive = _indices(dispositions, lambda d: d.fate is Fate.UNTRANSPLANTED, rng)
    died = _indices(dispositions, lambda d: d.fate is Fate.UNTRANSPLANTED_DIED, rng)
    hands = [
        (count("refractory.no_hsct.tocilizumab"), NoTransplantReason.TOCILIZUMAB),
        (count("refractory.no_hsct.infection"), NoTransplantReason.INFECTION),
        (count("refractory.no_hsct.financial"), NoTransplantReason.FINANCIAL),
    ]
    # Reasons and causes are printed apart. The survivor is taken to be the one on tocilizumab, and those not
    # transplanted for infection to have died of it: as many of the one as of the other.
    reasons = _deal([*alive, *died], hands, "reasons for no HSCT")
    causes = _deal(
        died,
        [
            (count("death.before_hsct.infection"), DeathCause.INFECTION),
            (count("death.before_hsct.organ_failure"), DeathCause.ORGAN_FAILURE),
        ],
        "causes of death before HSCT",
    )
    late = _indices(dispositions, lambda d: d.fate is Fate.TRANSPLANTED_DIED, rng)
    # A patient transplanted for relapse is taken to have died of relapse.
    late += _indices(dispositions, lambda d: d.fate in (Fate.RELAPSED_EARLY_DIED, Fate.RELAPSED_LATE_DIED), rng)
    hands_late = [
        (count("death.after_hsct.gvhd"), DeathCause.GVHD),
        (count("death.after_hsct.relapse"), DeathCause.RELAPSE),
    ]
    return reasons, causes | _deal(late, hands_late, "causes of death after HSCT")


def _drugs(
    claims: Claims, dispositions: Sequence[Disposition], rng: np.random.Generator
) -> dict[int, tuple[Drug, ...]]:
    base, standard = (Drug.METHYLPREDNISOLONE,), (Drug.METHYLPREDNISOLONE, Drug.ETOPOSIDE)
    cyclosporine = (Drug.METHYLPREDNISOLONE, Drug.CYCLOSPORINE)
    alone = count_of(claims, "intensive.cr.methylprednisolone")
    with_cyclosporine = count_of(claims, "intensive.cr.cyclosporine")
    then_etoposide = count_of(claims, "intensive.cr.cyclosporine.etoposide")
    saids = _indices(dispositions, lambda d: d.fate in REMITTED and d.etiology is Etiology.SAIDS, rng)
    others = _indices(dispositions, lambda d: d.fate in REMITTED and d.etiology is not Etiology.SAIDS, rng)
    drugs: dict[int, tuple[Drug, ...]] = _deal(
        [*saids, *others],
        [
            (alone, base),
            (then_etoposide, (*cyclosporine, Drug.ETOPOSIDE)),
            (with_cyclosporine - then_etoposide, cyclosporine),
            (count_of(claims, "intensive.cr.etoposide"), standard),
        ],
        "drugs of the patients with CR at week 8",
    )
    second_line = (Drug.LIPOSOMAL_DOXORUBICIN, Drug.PEGASPARGASE)
    for index, disposition in enumerate(dispositions):
        if disposition.fate is Fate.FAVORABLE or index in drugs:
            continue
        # Cyclosporine A went to SAIDs-HLH only; whether to its refractory patients too is not printed.
        first = (*cyclosporine, Drug.ETOPOSIDE) if disposition.etiology is Etiology.SAIDS else standard
        drugs[index] = (*first, *second_line)
    return drugs


def _doses(
    claims: Claims,
    dispositions: Sequence[Disposition],
    drugs: Mapping[int, tuple[Drug, ...]],
    exposure: Mapping[int, int],
    rng: np.random.Generator,
) -> dict[int, int]:
    """Etoposide doses with the printed median and range among the CRs, and again among all ("those patients")."""
    claim = claimed(claims, "intensive.etoposide_doses", Median)
    most = int(claim.high or 0)
    remitted = [index for index in drugs if dispositions[index].fate in REMITTED]
    refractory = [index for index in drugs if index not in remitted]

    def draw(index: int) -> int:
        if Drug.ETOPOSIDE not in drugs[index]:
            return 0
        if Drug.CYCLOSPORINE in drugs[index] and index in remitted:
            return int(rng.integers(*LATE_ETOPOSIDE_DOSES))
        weeks = -(-exposure[index] // 7)
        return int(rng.integers(1, min(most, DOSES_A_WEEK * weeks) + 1))

    doses: dict[int, int] = {}
    for group in (remitted, refractory):
        for _ in range(MOST_DRAWS):
            drawn = doses | {index: draw(index) for index in group}
            if summarizes(claim, list(drawn.values())):
                doses = drawn
                break
        else:
            raise InfeasibleError("etoposide doses", "NOT DRAWN")
    return doses


def _primary_hlh(claims: Claims, dispositions: Sequence[Disposition], rng: np.random.Generator) -> frozenset[int]:
    remitted = count_of(claims, "genetics.primary.cr")
    others = count_of(claims, "genetics.primary") - remitted
    favorable = _indices(dispositions, lambda d: d.etiology is Etiology.EBV and d.course is Course.CR, rng)
    unfavorable = _indices(dispositions, lambda d: d.etiology is Etiology.EBV and d.course is not Course.CR, rng)
    return frozenset(favorable[:remitted] + unfavorable[:others])


def _serology(claims: Claims, dispositions: Sequence[Disposition], rng: np.random.Generator) -> tuple[EbvSerology, ...]:
    favorable = _indices(dispositions, lambda d: d.etiology is Etiology.EBV and d.course is Course.CR, rng)
    primary = set(favorable[: count_of(claims, "serology.primary_ebv")])
    found = []
    for index, disposition in enumerate(dispositions):
        if disposition.etiology is Etiology.EBV:
            unprinted = disposition.course is not Course.CR and rng.random() < PRIMARY_WITHOUT_FAVORABLE
            found.append(EbvSerology.PRIMARY if index in primary or unprinted else EbvSerology.PREVIOUS)
        elif disposition.etiology is Etiology.CAEBV:
            found.append(EbvSerology.REACTIVATION)
        else:
            found.append(EbvSerology.NONE)
    return tuple(found)
