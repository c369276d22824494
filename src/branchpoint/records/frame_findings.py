"""What the findings of one test say to inputs, for many subjects at once: `branchpoint.records.lookup` in columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from branchpoint.language.measurements import Coded, Numeric, YesNo
from branchpoint.language.quantities import Aspect
from branchpoint.records.frame_timeline import Timeline, extreme, order_key

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from branchpoint.language.measurements import Measurement
    from branchpoint.language.quantities import Input
    from branchpoint.records.frame_timeline import Integers

__all__ = ["Moments", "TestFindings", "value_column"]


class Moments(NamedTuple):
    """When subjects are asked: the number of each subject, and the study day."""

    group: Integers
    day: Integers


def value_column(measurement: Measurement) -> str:
    """Give the column of the findings table that holds a measurement's value."""
    return "truth" if isinstance(measurement, YesNo) else "code" if isinstance(measurement, Coded) else "number"


class TestFindings:
    """The findings of one test.

    Parameters
    ----------
    measurement : Measurement
    findings : DataFrame
        The findings of the test, with the number of each subject in ``group``.

    Attributes
    ----------
    known : DataFrame
        The findings with a value, in order of subject and day, and one without content at the end.
    """

    __test__ = False  # not a test of pytest, whatever its name
    __slots__ = ("_all", "_all_day", "_day", "_known", "_measurement", "_pending", "_stood", "_unit", "known")

    def __init__(self, measurement: Measurement, findings: pl.DataFrame) -> None:
        self._measurement = measurement
        value = pl.col(value_column(measurement))
        findings = _ordered(
            findings.with_columns(value=value.fill_nan(None) if isinstance(measurement, Numeric) else value)
        )
        self._all = Timeline(_integers(findings, "group"), _integers(findings, "day"))
        self._all_day = np.append(_integers(findings, "day"), 0)
        self._pending = np.append((findings["missing"] == "pending").fill_null(value=False).to_numpy(), False)
        known = findings.filter(pl.col("value").is_not_null())
        self._known = Timeline(_integers(known, "group"), _integers(known, "day"))
        self._day = np.append(_integers(known, "day"), 0)
        unit = known["unit"].cast(pl.String).fill_null("")
        self._unit = np.append(unit.rank("dense").to_numpy().astype(np.int64), 0)
        self.known = pl.concat(
            [known.with_columns(unit=unit), known.clear(1).with_columns(pl.col("unit").cast(pl.String))]
        )
        self._stood: tuple[Moments, Integers] | None = None

    def answer(self, item: Input, moments: Moments) -> pl.Series:
        """Give the answer to an input at each moment; null where it is not known."""
        match item.aspect:
            case Aspect.RECORDED:
                return self._recorded(moments)
            case Aspect.WORST | Aspect.BEST:
                return self._extreme_so_far(item, moments)
            case Aspect.HIGHEST | Aspect.LOWEST:
                return self._extreme_over(item, moments)
            case Aspect.REFERENCE:
                return self._gather("value", self._on_scale(self._reference(moments), item.scale))
            case Aspect.UPPER_LIMIT | Aspect.LOWER_LIMIT:
                column = str(item.aspect)
            case Aspect.SCALE:
                column = "unit"
            case _:
                column = "value"
        return self._gather(column, self._on_scale(self._stands(moments), item.scale))

    def _gather(self, column: str, place: Integers) -> pl.Series:
        return self.known[column].gather(pl.Series(place))

    def _on_scale(self, place: Integers, scale: str | None) -> Integers:
        if scale is None:
            return place
        elsewhere = np.append((self.known["unit"][:-1] != scale).to_numpy(), True)
        return np.where(elsewhere[place], -1, place)

    def _stands(self, moments: Moments) -> Integers:
        # Value, unit and limits of a finding are asked for at the same moments, one after the other.
        if self._stood is None or self._stood[0] is not moments:
            found = self._known.last(*moments)
            self._stood = moments, np.where(self._is_out_of_date(self._day[found], moments.day), -1, found)
        return self._stood[1]

    def _is_out_of_date(self, since: Integers, day: Integers) -> NDArray[np.bool_]:
        if self._measurement.current_for is None:
            return np.zeros(len(day), np.bool_)
        return (day > 0) & ((since <= 0) | (day - since > self._measurement.current_for))

    def _reference(self, moments: Moments) -> Integers:
        current, baseline = self._stands(moments), self._known.last(moments.group, np.zeros_like(moments.day))
        alike = (current >= 0) & (self._unit[current] == self._unit[baseline])
        return np.where(alike, baseline, -1)

    def _recorded(self, moments: Moments) -> pl.Series:
        known = self._stands(moments) >= 0
        latest = self._all.last(*moments)
        pending = self._pending[latest] & ~self._is_out_of_date(self._all_day[latest], moments.day)
        return pl.select(pl.when(pl.Series(known | ~pending)).then(pl.Series(known))).to_series()

    def _extreme_so_far(self, item: Input, moments: Moments) -> pl.Series:
        current = self._stands(moments)
        baseline = self._known.last(moments.group, np.zeros_like(moments.day))
        since = np.where(baseline >= 0, self._day[baseline], 1)
        values, timeline, group = self.known["value"], self._known, moments.group
        if self._unit.max() > 1:  # Each scale has extremes of its own.
            scales = int(self._unit.max()) + 1
            by_scale = _integers(self.known, "group") * scales + self._unit
            order = np.argsort(order_key(by_scale[:-1], self._day[:-1]), kind="stable")
            values = values.gather(pl.Series(np.append(order, -1)))
            timeline = Timeline(by_scale[order], self._day[order])
            group = group * scales + self._unit[current]
        first, beyond = timeline.first(group, since), timeline.beyond(group, moments.day)
        measurement = item.measurement
        towards_high = isinstance(measurement, Numeric) and measurement.worse == "high"
        return _pick(
            values, first, np.where(current >= 0, beyond, first), highest=(item.aspect is Aspect.WORST) == towards_high
        )

    def _extreme_over(self, item: Input, moments: Moments) -> pl.Series:
        opened = self._known.last(moments.group, moments.day - (item.days or 0))
        first = self._known.first(moments.group, self._day[opened])
        beyond = np.where(opened >= 0, self._known.beyond(*moments), first)
        return _pick(self.known["value"], first, beyond, highest=item.aspect is Aspect.HIGHEST)


def _ordered(findings: pl.DataFrame) -> pl.DataFrame:
    key = order_key(_integers(findings, "group"), _integers(findings, "day"))
    if np.all(key[1:] >= key[:-1]):
        return findings
    return findings[pl.Series(np.argsort(key, kind="stable"))]


def _integers(table: pl.DataFrame, column: str) -> Integers:
    return table[column].cast(pl.Int64).fill_null(0).to_numpy()


def _pick(values: pl.Series, first: Integers, beyond: Integers, *, highest: bool) -> pl.Series:
    if values.dtype == pl.String:
        chosen = values.gather(pl.Series(np.minimum(first, len(values) - 1)))
    else:
        plain = values.cast(pl.UInt8).fill_null(0) if values.dtype == pl.Boolean else values
        chosen = pl.Series(extreme(plain.to_numpy(), first, beyond, highest=highest)).cast(values.dtype)
    return pl.select(pl.when(pl.Series(beyond > first)).then(chosen)).to_series()
