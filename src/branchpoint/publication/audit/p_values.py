"""P values: each is recomputed from the counts or the means behind it, by the test that the report states."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from itertools import islice
from math import isnan
from typing import TYPE_CHECKING

from branchpoint.publication.audit.importance import SIGNIFICANT
from branchpoint.publication.audit.luck import Draws, as_printed, cut_off, rounded_twice, slip
from branchpoint.publication.audit.other_tables import other_tables
from branchpoint.publication.audit.p_of_means import p_of_means
from branchpoint.publication.audit.shares import decimals
from branchpoint.publication.audit.stated_tests import Stated, stated
from branchpoint.publication.audit.tables_behind import Table, tables_behind
from branchpoint.publication.audit.tests_tried import TableTest, least_expected, table_tests
from branchpoint.publication.audit.verdicts import Finding, Verdict
from branchpoint.publication.claims import PValue, VariableKind
from branchpoint.publication.printed import printed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from branchpoint.publication.audit.known_counts import KnownCounts
    from branchpoint.publication.claims import Claim, Claims

__all__ = ["check"]

# As the usual rule of when an exact test is to be taken.
_SMALL = 5
# In the search for another table: tables, the pairs of an exact test, and the chance of a hit from which it ends.
_MOST_OTHERS, _FEW_PAIRS, _LUCKY = 30, 5_000, 0.5
# Below, binary fractions lose their digits.
_SMALLEST = 1e-300
_USUAL = Stated((), frozenset(), 2)


def check(claims: Claims, known: KnownCounts) -> Iterator[Finding]:
    """Recompute every P value.

    Parameters
    ----------
    claims : Claims
    known : KnownCounts

    Yields
    ------
    Finding
        One a P value. *Match*: a test that the report states for it (the claim's own method before that of its Methods;
        any usual one where it states none) gives what is printed. *Other method*: only another test of the very table
        does, or the stated one, its decimals cut off or rounded twice. *Mismatch*: neither; the note says which other
        table, if any, would give it. *Not derivable*: no table, as for a rank test of medians, or for a log-rank test.
    """
    for claim in claims.claims.values():
        if isinstance(claim.value, PValue):
            yield _checked(claims, known, claim)


def _checked(claims: Claims, known: KnownCounts, claim: Claim) -> Finding:
    variable = claims.variables.get(claim.variable or "")
    kind = None if variable is None or claim.event is not None else variable.kind
    if kind is VariableKind.TIME:
        return _none(claim, "A log-rank test needs the time of every patient.")
    if kind is VariableKind.NUMBER:
        return p_of_means(claims, claim)
    behind = tables_behind(claims, known, claim)
    if not behind.tables:
        return _none(claim, f"{behind.missing[:1].upper()}{behind.missing[1:]}.")
    methods = claims.study.methods
    said = stated(_as_first_said(claims, claim), methods.categorical, methods.sides)
    return _Comparison(claims, known, claim, said, behind.tables).finding()


def _as_first_said(claims: Claims, claim: Claim) -> Claim:
    """A P value that is printed again, with the method that is stated where it is printed first."""
    first = claims.claims.get(claim.same_as or "")
    if claim.method is None and first is not None and isinstance(first.value, PValue):
        return replace(claim, method=first.method)
    return claim


def _none(claim: Claim, note: str) -> Finding:
    return Finding(claim.id, Verdict.NOT_DERIVABLE, None, claim.method or "", 0, note=note)


def _too_large(test: TableTest, table: Table) -> bool:
    """Whether the exact test of a table takes too long to be computed here."""
    return "fisher" in test.families and least_expected(table.rows) > 0 and isnan(test.p())


def _sharp(value: PValue) -> PValue:
    """A P value of 1, or 0, that is printed without its decimals is meant as 1.00, or .00."""
    return replace(value, p=value.p.quantize(Decimal("0.01"))) if value.p in (0, 1) and decimals(value.p) < 2 else value


def _tiny(p: float) -> str:
    return f"{p:.1e}" if p > _SMALLEST else f"below {_SMALLEST:.0e}"


class _Comparison:
    """The search for a printed P value among the tests of a table, and of other tables."""

    def __init__(self, claims: Claims, known: KnownCounts, claim: Claim, said: Stated, tables: Sequence[Table]) -> None:
        assert isinstance(claim.value, PValue)
        self.claims, self.known, self.claim, self.said, self.tables = claims, known, claim, said, tables
        self.value = _sharp(claim.value)
        self.draws = Draws(self.value.p, below=self.value.below)
        self.others = tuple(name for table in tables for name in table.others)

    def finding(self) -> Finding:
        table = self.tables[0]
        meant = [(test, table) for table in self.tables for test in table_tests(table.rows) if test.meant(self.said)]
        foreign = not meant
        if foreign:
            # What the report states is no test of a table; the usual ones may give its P value all the same.
            usual = Stated((), frozenset(), self.said.sides)
            meant = [(test, table) for test in table_tests(table.rows) if test.meant(usual)]
        for test, tried in meant:
            p = test.p()
            if self.draws.hit(p):
                if foreign:
                    return self._foreign(test, tried, p)
                return self._found(Verdict.MATCH, p, test, f"{tried.told}.{self._rounded(p)}")
        if foreign:
            return _none(self.claim, f"{self.said.told} is no test of {table.told}: {self._told(meant)}.")
        if all(isnan(test.p()) for test, _ in meant) or any(_too_large(test, tried) for test, tried in meant):
            return _none(self.claim, f"{table.told}: {self.said.told} gives no P value here.")
        return self._elsewhere(meant)

    def _elsewhere(self, meant: Sequence[tuple[TableTest, Table]]) -> Finding:
        """The finding about a P value that no test stated gives."""
        right, table = self._proper(meant)
        p, stating = right.p(), self._told([(test, tried) for test, tried in meant if tried is table])
        wrong = f"{table.told}: {stating}"
        for test, _ in meant:
            if how := self._ill_rounded(test.p()):
                exact = f"{test.p():.5f}".removeprefix("0")
                note = f"{table.told}: {test.name} gives {exact}, which was {how}."
                return self._found(Verdict.OTHER_METHOD, test.p(), test, note)
        tried = {test.name for test, _ in meant}
        for source in self.tables:
            for test in table_tests(source.rows):
                if test.name not in tried and self.draws.hit(test.p()):
                    note = f"{wrong}. What is printed is {test.name}{self._instead(test)}. {self._significance(p)}"
                    return self._found(Verdict.OTHER_METHOD, p, right, note)
        usual = [(test, table) for test in table_tests(table.rows) if test.meant(_USUAL) and test.name not in tried]
        beside = f"; {self._told(usual)}" if usual else ""
        wrong = f"{wrong}{beside}. No test of these counts gives what is printed."
        if self.said.beyond:
            return _none(self.claim, f"{wrong} The report also names {' and '.join(self.said.beyond)}.")
        note = f"{wrong} {self._slipped(p)}{self._significance(p)}"
        return self._found(Verdict.MISMATCH, p, right, f"{note}{self._other_table()}")

    def _proper(self, meant: Sequence[tuple[TableTest, Table]]) -> tuple[TableTest, Table]:
        """The test to recompute by: of those stated Fisher's where an expected count is small, else the first."""
        estimable = [(test, table) for test, table in meant if not isnan(test.p())]
        exact = [(test, table) for test, table in estimable if "fisher" in test.families]
        return exact[0] if exact and least_expected(exact[0][1].rows) < _SMALL else estimable[0]

    def _other_table(self) -> str:
        """Another table that gives the P value, from as many as do not make a hit a matter of luck."""
        others = other_tables(self.claims, self.known, self.claim, self.tables[0].rows)
        for table in islice(others, _MOST_OTHERS):
            if (self.draws.chance or 0) > _LUCKY:
                break
            for test in table_tests(table.rows, _FEW_PAIRS):
                if (test.meant(_USUAL) or test.meant(self.said)) and self.draws.hit(test.p()):
                    return f" {test.name} gives it for another table: {table.told}."
        return ""

    def _found(self, verdict: Verdict, p: float, test: TableTest, note: str) -> Finding:
        return Finding(
            self.claim.id,
            verdict,
            self._printed(p),
            test.name,
            self.draws.tried,
            self.draws.chance,
            note.strip(),
            tuple(dict.fromkeys(self.others)),
        )

    def _foreign(self, test: TableTest, table: Table, p: float) -> Finding:
        note = f"{table.told}. The report states {self.said.told}; this is {test.name}."
        return self._found(Verdict.OTHER_METHOD, p, test, note)

    def _printed(self, p: float) -> str:
        if self.value.below and p < float(self.value.p):
            return printed(self.value)
        return printed(PValue(Decimal(f"{p:.12g}")), self.value)

    def _told(self, meant: Sequence[tuple[TableTest, Table]]) -> str:
        exact = ((test.name, test.p()) for test, _ in meant)
        return ", ".join(f"{name} {self._finer(p)}" for name, p in exact if not isnan(p))

    def _finer(self, p: float) -> str:
        """A P value with one digit more than printed, so that its rounding can be seen."""
        return f"{as_printed(p, self.value.p / 10)}".removeprefix("0") if p >= 1e-4 else _tiny(p)

    def _rounded(self, p: float) -> str:
        if self.value.below and p < float(self.value.p) / 100:
            return f" It is {_tiny(p)}."
        return ""

    def _ill_rounded(self, p: float) -> str:
        if self.value.below or isnan(p):
            return ""
        return "cut off, not rounded" if cut_off(p, self.value.p) else rounded_twice(p, self.value.p) * "rounded twice"

    def _instead(self, test: TableTest) -> str:
        if test.sides == 1 and self.said.sides == 2:
            return ", though tests are said to be two-sided"
        return f", not {self.said.told}" if self.said.names else ""

    def _slipped(self, p: float) -> str:
        if self.value.below:
            return ""
        how = slip(self.value.p, as_printed(p, self.value.p))
        return f"From {self._printed(p)}, {how}. " if how and how != "one digit differs" else ""

    def _significance(self, p: float) -> str:
        was = self.value.p <= SIGNIFICANT if self.value.below else self.value.p < SIGNIFICANT
        now = p < float(SIGNIFICANT)
        if was != now:
            turn = "significant, it is not" if was else "not significant, it is"
            return f"Significance at .05 turns: printed as {turn}."
        return f"{'Significant' if now else 'Not significant'} at .05 either way."
