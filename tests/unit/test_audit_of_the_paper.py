"""The held-back list: what a reader with a calculator finds in the reference report, number by number.

How it was made. Every number of the report (its text and tables, `studies/chictr2000031702/claims.toml`) was gone
through by hand, and settled by arithmetic that shares nothing with the audit: percentages with fractions, GRIM by
listing the counts, P values of counts with scipy (fisher_exact, chi2_contingency, mannwhitneyu) and, of more than two
groups, by adding up the probabilities of all tables in whole numbers, exact limits with scipy's binomtest, survival by
the product over risk sets. Where list and audit differed, whichever was wrong was mended.

- A number that prints the same when it is recomputed is in a table below with what is recomputed. Of a total with its
  median and range that is the range, from both subgroups; their medians leave room for the median.
- A number that is printed again is recomputed from where it stood first; there it is not, unless it adds up.
- `AMISS` has those that do not fit, with the arithmetic.
- All others cannot be recomputed: nobody can tell a dose, a date, the median of a subgroup, a P value of medians or of
  times from what else is printed.

One contradiction cannot be said in claims, and is not found: 43 of 52 alive at 1 year (82.7%) are fewer than the
12-month survival of 86.4% leaves.
"""

from pathlib import Path

import pytest

from branchpoint.publication.audit.report import Audited, audit
from branchpoint.publication.claims.reading import read_claims

CLAIMS = Path(__file__).parents[2] / "studies" / "chictr2000031702" / "claims.toml"


@pytest.fixture(scope="module")
def audited() -> dict[str, Audited]:
    return {one.id: one for one in audit(read_claims(CLAIMS))}


# Columns: total, treatment naive, previous corticosteroid, P value. "-": cannot be recomputed; "!": see AMISS.
TABLE_3 = """
sex.male | 30/52 | 22/34 | 8/18 |
sex.female | 22/52 | 12/34 | 10/18 |
sex.p | .239
baseline.age | 0.1-14.4 | - | - | -
baseline.onset_to_diagnosis | 4-150 | - | - | -
baseline.wbc | 0.58-46.29 | - | - | -
baseline.neutrophils | 0.03-10.85 | - | - | -
baseline.platelets | 10-506 | - | - | -
baseline.hemoglobin | 55-129 | - | - | -
baseline.fibrinogen | 0.46-3.15 | - | - | -
baseline.triglycerides | 0.54-10.48 | - | - | -
baseline.ast | 16-6790 | - | - | -
baseline.alt | 9.6-1918 | - | - | -
baseline.ifn_gamma | 1.6-877.6 | - | - | -
baseline.soluble_cd25 | 2.1-42.7 | - | - | -
baseline.ferritin | 0.6-68.3 | - | - | -
feature.fever | 100% | 100% | 100% |
feature.splenomegaly | 76.9% | 79.4% | 72.2% | .731
feature.hepatomegaly | 73.1% | 76.5% | 66.7% | .519
feature.lymphadenopathy | 80.8% | 82.4% | 77.8% | .723
feature.jaundice | 19.2% | 20.6% | 16.7% | !
feature.rash | - | ! | - | .378
feature.cns_involvement | 19.2% | 17.6% | 22.2% | !
feature.low_nk_activity | 75.0% | 76.5% | 72.2% | .747
feature.hemophagocytosis | 76.9% | 82.4% | 66.7% | .300
"""

# Columns: prior corticosteroid untreated, treated, total; or the total alone.
TABLE_4 = """
table_4.frontline.n | 34 | 18 | 52
frontline.cr | 15/34 (44.1%) | 7/18 (38.9%) | 22/52 (42.3%)
frontline.time_to_cr | - | - | 14-28
frontline.unfavorable | 19/34 (55.9%) | 11/18 (61.1%) | 30/52 (57.7%)
frontline.nr | 12/34 (35.3%) | 4/18 (22.2%) | 16/52
frontline.pd_after_pr | 5/34 (14.7%) | 4/18 (22.2%) | 9/52
frontline.improvement | 2/34 (5.9%) | 3/18 (16.7%) | 5/52
intensive.start | - | ! | 3-25
table_4.intensive.n | 19 | 11 | 30
intensive.cr | 10/19 (52.6%) | 6/11 (54.5%) | 16/30 (53.3%)
intensive.refractory | 9/19 (47.4%) | 5/11 (45.5%) | 14/30 (46.7%)
refractory.hsct | 8/14 (57.1%)
refractory.hsct.alive | 5/8 (62.5%)
refractory.no_hsct | 6/14 (42.9%)
refractory.no_hsct.alive | 1/6 (16.7%)
table_4.overall.n | 34 | 18 | 52
overall.cr | 25/34 (73.5%) | 13/18 (72.2%) | 38/52 (73.1%)
overall.relapse | -
overall.alive | 29/34 (85.3%) | 14/18 (77.8%) | 43/52 (82.7%)
death.before_hsct | 3/34 (8.8%) | 2/18 (11.1%) | 5/52 (9.6%)
death.after_hsct | 2/34 (5.9%) | 2/18 (11.1%) | 4/52 (7.7%)
os | | | 86.4 ± 9.3 (77.1% to 95.7%)
"""

# Columns: ruxolitinib, any grade and grade 3 or higher; with additional therapy, any grade and grade 3 or higher.
TABLE_5 = """
ae.anemia | 7/22 (31.8%) | 4/22 (18.2%) | 13/30 (43.3%) | 6/30 (20.0%)
ae.thrombocytopenia | 5/22 (22.7%) | 2/22 (9.1%) | 15/30 (50.0%) | 8/30 (26.7%)
ae.neutrocytopenia | 4/22 (18.2%) | | 22/30 (73.3%) | 10/30 (33.3%)
ae.myelosuppression | | | 22/30 (73.3%) | 11/30 (36.7%)
ae.constipation | 10/22 (45.5%) | | 9/30 (30.0%) |
ae.pancreatic_damage | 8/22 (36.4%) | 1/22 (4.5%) | 10/30 (33.3%) | 6/30 (20.0%)
ae.rash | 4/22 (18.2%) | | 7/30 (23.3%) |
ae.diarrhea | 3/22 (13.6%) | | 9/30 (30.0%) |
ae.liver_damage | 3/22 (13.6%) | | 14/30 (46.7%) | 5/30 (16.7%)
ae.sweating | 2/22 (9.1%) | | 16/30 (53.3%) |
ae.gastritis | 1/22 (4.5%) | | |
ae.secondary_infection | | | 17/30 (56.7%) | 7/30 (23.3%)
ae.heart_damage | | | 6/30 (20.0%) |
ae.kidney_damage | | | 4/30 (13.3%) |
ae.gastrointestinal_hemorrhage | | | 5/30 (16.7%) | 3/30 (10.0%)
"""

# "*": the limits are within one unit of the last place; several risk sets give them.
TEXT = """
keypoints.overall.cr | 73.1%
keypoints.os | 86.4%
keypoints.frontline.cr | 42.3%
abstract.analyzed | 52
abstract.orr | 36/52 (69.2%)
abstract.orr.day | 28
abstract.frontline.cr | 22/52 (42.3%)
abstract.first_response | ≤ 3
abstract.orr.ebv | 87.5%
abstract.cr.ebv | 58.3%
abstract.frontline.unfavorable | 30/52 (57.7%)
abstract.intensive.cr | 16/30 (53.3%)
abstract.intensive.refractory | 14/30 (46.7%)
abstract.intensive.weeks | 8
abstract.intensive.start | 6 (3-25)
abstract.overall.cr | 38/52 (73.1%)
abstract.os | 86.4% (77.1% to 95.7%)
introduction.analyzed | 52
diagnosis.ebv.ebv_dna | 500
design.weight.high | 20
design.no_response.days | 3
figure_1.favorable.weeks | 4
enrolled.count | 54
excluded.count | 2/54 (3.7%)
analyzed.count | 52
sum.enrolled | 52 + 2 = 54
group.naive | 34/52 (65.4%)
group.steroid | 18/52 (34.6%)
sum.prior | 34 + 18 = 52
text.frontline.unfavorable | 30/52 (57.7%)
text.overall.alive | 43 (82.7%)
figure_2.cutoff | 1 October 2021
figure_2.enrolled | 54
figure_2.excluded | 2
table_3.n.all | 52
table_3.n.naive | 34
table_3.n.steroid | 18
text.cns_involvement | 10/52 (19.2%)
reference.soluble_cd25.fold | 6400
reference.ferritin.fold | 500
text.baseline.analyzed | 52
text.age.all | 3.7 (0.1-14.4)
text.onset_to_diagnosis.all | 19 (4-150)
text.age.steroid | 1.7
text.age.naive | 4.45
text.age.p | .008
etiology.ebv | 24
etiology.caebv | 10
etiology.saids | 11
etiology.unknown | 7
sum.etiology | 24 + 10 + 11 + 7 = 52
serology.primary_ebv | 8/14 (57.1%)
orr.all | 69.2% (54.9% to 81.3%)
orr.steroid | 77.8% (52.4% to 93.6%)
orr.naive | 64.7% (46.5% to 80.3%)
orr.count | 36/52 (69.2%)
text.frontline.cr | 22/52 (42.3%)
sum.orr | 22 + 9 + 5 = 36
text.orr.day | 28
figure_3.day | 28
text.time_to_cr | 21 (14-28)
text.frontline.cr.steroid | 7/18 (38.9%)
text.frontline.cr.naive | 15/34 (44.1%)
frontline.cr.p | .775
text.pr | 9/52 (17.3%)
text.improvement | 5/52 (9.6%)
text.nr | 16/52 (30.8%)
text.favorable.stopped | 28
text.pr.progressed | 9
text.pr.day | 28
text.improvement.chemotherapy | 5
orr.ebv | 87.5%
cr.ebv | 58.3%
orr.caebv | 30%
orr.saids | 63.6%
orr.unknown | 71.4%
favorable.ebv | 14/22 (63.6%)
efs.frontline.all | *
efs.frontline.steroid | 50.6% (25.5% to 75.7%)
efs.frontline.naive | 48.5% (31.3% to 65.7%)
figure_4.p | .634
text.orr.etiology.day | 28
text.responded_well | 22/52 (42.3%)
text.proceeded | 30/52 (57.7%)
text.proceeded.improvement | 5 (9.6%)
text.proceeded.pd_after_pr | 9 (17.3%)
sum.course | 22 + 30 = 52
sum.unfavorable | 16 + 5 + 9 = 30
text.intensive.start | 6 (3-25)
text.intensive.weeks | 8
text.intensive.cr | 16/30 (53.3%)
text.intensive.refractory | 14/30 (46.7%)
sum.week_8 | 16 + 14 = 30
intensive.cr.methylprednisolone | 1
intensive.cr.cyclosporine | 5
intensive.cr.etoposide | 10
sum.cr_drugs | 1 + 5 + 10 = 16
text.refractory.hsct | 8/14 (57.1%)
text.refractory.hsct.alive | 5 (62.5%)
text.refractory.no_hsct | 6/14 (42.9%)
text.refractory.no_hsct.alive | 1 (16.7%)
sum.refractory | 8 + 6 = 14
refractory.no_hsct.financial | 3
refractory.no_hsct.infection | 2
refractory.no_hsct.tocilizumab | 1
sum.no_hsct | 3 + 2 + 1 = 6
text.responders.day | 28
efs.intensive.responders | 57.1 ± 13.2
efs.intensive.nonresponders | 43.8 ± 12.4
text.overall.cr | 38/52 (73.1%)
sum.overall.cr | 22 + 16 = 38
text.overall.alive.last | 43/52 (82.7%)
text.death.before_hsct | 5
text.death.after_hsct | 4
alive.week_8 | 47/52 (90.4%)
alive.year_1 | 43/52 (82.7%)
death.before_hsct.organ_failure | 3
death.before_hsct.infection | 2
death.after_hsct.gvhd | 1
death.after_hsct.relapse | 3
sum.alive_or_dead | 43 + 5 + 4 = 52
sum.death.before_hsct | 3 + 2 = 5
sum.death.after_hsct | 1 + 3 = 4
text.os.all | 86.4% (77.1% to 95.7%)
os.favorable | 100%
os.saids_or_unknown | 100%
hlh94.weeks | 8
text.hlh94.overall.cr | 38/52 (73.1%)
hlh94.cr.p | .061
hlh94.alive.week_8.p | .391
hlh94.alive.year_1 | 185/249 (74.3%)
hlh94.alive.year_1.p | .199
primary.percent | 7.7%
hlh94.primary.p | .009
table_5.n.monotherapy | 22
table_5.n.additional | 30
text.ae.patients.monotherapy | 22
text.ae.patients.additional | 30
sum.safety | 22 + 30 = 52
safety.monotherapy.days | 28
safety.monotherapy.until | 28
text.ae.constipation.monotherapy.any | 45.5%
text.ae.pancreatic_damage.monotherapy.any | 36.4%
text.ae.anemia.monotherapy.any | 31.8%
text.ae.thrombocytopenia.monotherapy.any | 22.7%
text.ae.pancreatic_damage.monotherapy.grade3 | 1
safety.pancreatitis.stopped | 28
text.ae.myelosuppression.additional.any | 73.3%
text.ae.secondary_infection.additional.any | 56.7%
text.ae.sweating.additional.any | 53.3%
text.ae.liver_damage.additional.any | 46.7%
text.ae.myelosuppression.additional.grade3 | 11/30 (36.7%)
text.ae.secondary_infection.additional.grade3 | 7/30 (23.3%)
text.ae.pancreatic_damage.additional.grade3 | 6/30 (20.0%)
text.ae.liver_damage.additional.grade3 | 5/30 (16.7%)
text.ae.gastrointestinal_hemorrhage.additional.grade3 | 3/30 (10.0%)
safety.additional.until | 8
itt.enrolled | 54
itt.excluded | 2
discussion.orr | 69.2%
discussion.orr.day | 28
discussion.first_response | ≤ 3
discussion.overall.cr | 38/52 (73.1%)
discussion.frontline.cr | 22/52 (42.3%)
discussion.frontline.unfavorable | 30/52 (57.7%)
discussion.intensive.cr | 16/30 (53.3%)
discussion.refractory | 14/52 (26.9%)
"""

AMISS = """
feature.rash.naive | impossible | 35.3% | 12/34 is 35.3, 13/34 38.2; 40.4% of 52 less 50.0% of 18 are 21 - 9 = 12
feature.jaundice.p | other method | 1.000 | 7/34 v 3/18: Fisher 1.000, of the side of fewer .521
feature.cns_involvement.p | mismatch | .723 | 6/34 v 4/18: Fisher .7225; digits swapped
frontline.nr.all.percent | misprint | 30.8% | 16/52; 15/52 is 28.8
frontline.pd_after_pr.all.percent | misprint | 17.3% | 9/52; 13.5 is 7/52
frontline.improvement.all.percent | misprint | 9.6% | 5/52; 15.4 is 8/52
frontline.duration_of_cr.naive | mismatch | at most 16.86 | day 534 less day 21, in months; printed up to 17.5
frontline.duration_of_cr.all | mismatch | at most 17.09 | day 534 less day 14
intensive.start.steroid | impossible | - | the median of 11 whole days is one of them, not 7.5
overall.relapse.percent | misprint | 7.9% | 3/38; 8.1 is 3/37
orr.p | mismatch | .336 | 14/18 v 22/34: rank sum .3359, Fisher .5286, chi-square .3312; printed .753
orr.etiology.p | other method | .011 | stated is chi-square, .01088; the exact test gives .00917
abstract.orr.etiology.p | other method | .011 | the same, printed again
cr.etiology.p | other method | .002 | 14/24, 3/11, 0/10: exact .002493, .0025, .003
onset_to_diagnosis.favorable | mismatch | - | from 2 days, where all 52 begin at 4
efs.intensive.all | mismatch | 50.0% | 8/14 and 7/16 pool to 15/30; 35.4 is below both
os.unfavorable | mismatch | 76.4% (61.1% to 91.7%) | 15.3 below the estimate, 14.5 above it
os.ebv | impossible | * | sqrt(.873 * .127 / 24) * 1.96 is 13.3; printed 11.5
os.caebv | impossible | * | sqrt(.32 * .68 / 10) * 1.96 is 28.9; printed 16.5
hlh94.cr | other method | 122/207 (58.9%) | 58.94: a whole percentage with a decimal
hlh94.alive.week_8 | other method | 214/249 (85.9%) | 85.94
hlh94.primary | impossible | - | 59/249 is 23.7, 60/249 24.1
"""


def rows(table: str) -> list[tuple[str, list[str]]]:
    split = ([cell.strip() for cell in line.split("|")] for line in table.strip().splitlines())
    return [(name, cells) for name, *cells in split]


def columns(table: str, names: tuple[str, ...]) -> dict[str, str]:
    """The cells of a table by the claims that they are; a row with one cell alone is named as its claim."""
    found: dict[str, str] = {}
    for name, cells in rows(table):
        ends = ("",) if len(cells) == 1 else names
        found |= {name + end: cell for end, cell in zip(ends, cells, strict=False)}
    return {name: cell for name, cell in found.items() if cell}


MATCHES = (
    columns(TABLE_3, (".all", ".naive", ".steroid", ".p"))
    | columns(TABLE_4, (".naive", ".steroid", ".all"))
    | columns(TABLE_5, (".monotherapy.any", ".monotherapy.grade3", ".additional.any", ".additional.grade3"))
    | columns(TEXT, ())
)
EXPECTED = {name: ("match", cell) for name, cell in MATCHES.items() if cell not in "-!"} | {
    name: (verdict, recomputed) for name, (verdict, recomputed, *_) in rows(AMISS)
}


@pytest.mark.parametrize("name", EXPECTED)
def test_what_can_be_recomputed_is(audited: dict[str, Audited], name: str) -> None:
    verdict, recomputed = EXPECTED[name]
    assert audited[name].verdict == verdict
    if recomputed != "*":
        assert audited[name].recomputed == (None if recomputed == "-" else recomputed)


def test_what_cannot_be_recomputed_is_not_judged(audited: dict[str, Audited]) -> None:
    others = {name: one for name, one in audited.items() if name not in EXPECTED}
    assert {name for name, one in others.items() if one.verdict != "not derivable" or one.recomputed} == set()
    assert len(EXPECTED) + len(others) == 431


def test_what_the_tables_mark_is_told_below_them(audited: dict[str, Audited]) -> None:
    assert {name for name, cell in MATCHES.items() if cell == "!"} <= {name for name, _ in rows(AMISS)}
    assert set(MATCHES) <= set(audited)


def test_every_finding_tells_a_reader_why(audited: dict[str, Audited]) -> None:
    for one in audited.values():
        if one.amiss:
            first, last = one.note[:1], one.note[-1:]
            assert first.isupper() or first.isdigit() or first == "'", one.note
            assert last == ".", one.note
            assert not any(f" {name} " in f" {one.note} " for name in audited if "." in name), one.note
