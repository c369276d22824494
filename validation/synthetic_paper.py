"""A synthetic paper: what a trial report would print of a simulated trial, in some 80 to 200 claims."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from validation import estimates
from validation.paper import Field, Paper
from validation.printer import ALL, PaperStyle, Printer, draw_style
from validation.simulated_trial import (
    AGENTS,
    ETIOLOGIES,
    FEATURES,
    GRADES,
    MEASURES,
    RESPONSES,
    SECOND,
    Measure,
    Trial,
    draw_settings,
    simulate,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["draw_paper", "print_paper"]

START = date(2018, 1, 1)
ORR: dict[str, Field] = {"response": ["CR", "PR", "improvement"]}
CR: dict[str, Field] = {"response": "CR"}
FOLLOW_UP = Measure("os", "Follow-up", "mo", 2, 0.0, 0.0)


def draw_paper(seed: int) -> tuple[Trial, Paper]:
    """A trial and its paper, both drawn at random."""
    trial = simulate(draw_settings(seed))
    return trial, print_paper(trial, draw_style(seed))


def print_paper(trial: Trial, style: PaperStyle | None = None) -> Paper:
    """Print the paper of a trial: baseline, outcomes, survival, adverse events, and the text that repeats some."""
    printer = Printer(trial, style or PaperStyle())
    _populations(printer)
    _design(printer)
    _baseline(printer)
    _response(printer)
    _survival(printer)
    _adverse_events(printer)
    _text(printer)
    return Paper(
        study=_study(printer.style, trial),
        variables=tuple(_variables(trial)),
        rules=tuple(_rules()),
        populations=tuple(printer.populations.values()),
        claims=printer.frozen(printer.claims),
        one_sided=printer.one_sided,
        spreads=printer.spreads,
    )


def _study(style: PaperStyle, trial: Trial) -> dict[str, Field]:
    methods: dict[str, Field] = {
        "categorical": [style.categorical],
        "continuous": ["t", "Wilcoxon rank sum"],
        "survival": ["log-rank"],
        "sides": 2,
    }
    name = f"SIMULATED-{trial.settings.seed}"
    return {"registry": name, "citation": "Simulated", "start": "date.start", "end": "date.end", "methods": methods}


def _variables(trial: Trial) -> Iterator[dict[str, Field]]:
    settings = trial.settings
    yield {"id": settings.group, "label": settings.group.capitalize(), "levels": list(settings.groups)}
    yield {"id": "sex", "label": "Sex", "levels": ["male", "female"]}
    yield {"id": "etiology", "label": "Etiology", "levels": list(ETIOLOGIES)}
    for name in FEATURES[: settings.features]:
        yield {"id": name, "label": name.capitalize()}
    for measure in MEASURES:
        yield {"id": measure.id, "label": measure.label, "kind": "number", "unit": measure.unit,
               "decimals": measure.decimals, "least": 0}  # fmt: skip
    yield {"id": "response", "label": "Response", "levels": list(RESPONSES)}
    yield {"id": "second", "label": "Response to second phase", "levels": list(SECOND)}
    for name in AGENTS[: settings.adverse_events]:
        yield {"id": name, "label": name.capitalize(), "levels": list(GRADES)}
    yield {"id": "death", "label": "Death"}
    yield {"id": "failure", "label": "Progression or death"}
    times: dict[str, Field] = {"kind": "time", "unit": "mo", "decimals": 2, "least": 0, "within_study": True}
    yield {"id": "os", "label": "Overall survival", "event": "death", **times}
    yield {"id": "efs", "label": "Event-free survival", "event": "failure", **times}


def _rules() -> Iterator[dict[str, Field]]:
    yield {"id": "first", "place": "Methods", "given": {"response": "CR"}, "then": {"second": "not given"}}
    yield {"id": "second", "place": "Methods", "given": {"response": list(RESPONSES[1:])},
           "then": {"second": list(SECOND[:2])}}  # fmt: skip
    yield {"id": "death", "place": "Methods", "given": {"death": True}, "then": {"failure": True}}


def _populations(printer: Printer) -> None:
    settings = printer.trial.settings
    printer.population(ALL, "All patients", {})
    for level in settings.groups:
        printer.population(level, level.capitalize(), {settings.group: level})
    for cause in ETIOLOGIES:
        printer.population(cause, f"Etiology {cause}", {"etiology": cause})
    printer.population("second", "Second phase", {"response": list(RESPONSES[1:])})
    for level in settings.groups:
        where: dict[str, Field] = {settings.group: level, "response": list(RESPONSES[1:])}
        printer.population(f"second.{level}", f"Second phase, {level}", where)


def _columns(printer: Printer, *, whole: bool) -> list[str]:
    return [*([ALL] if whole else []), *printer.trial.settings.groups]


def _design(printer: Printer) -> None:
    settings = printer.trial.settings
    months = settings.accrual + settings.follow_up
    # A day longer than the longest follow-up, which was rounded.
    for name, day in (("start", START), ("end", START + timedelta(days=int(30.4375 * months) + 2))):
        printer.claim(
            f"date.{name}", "Methods", "date", f"{name} of the study", ALL, date=day.isoformat(), role="design"
        )
    for level in settings.groups:
        event: dict[str, Field] = {settings.group: level}
        printer.count(f"n.{level}", "Results", f"patients in {level}", ALL, event, role="design")
    printer.count("n.all", "Results", "patients", ALL, {}, role="design")
    parts = [f"n.{level}" for level in settings.groups]
    printer.claim("n.sum", "Results", "sum", "patients by group", ALL, whole="n.all", parts=parts, role="design")


def _baseline(printer: Printer) -> None:
    settings, style, place = printer.trial.settings, printer.style, "Table 1"
    groups = list(settings.groups)
    for column in _columns(printer, whole=style.totals):
        sexes = ("male", "female") if style.both_sexes else ("male",)
        for name, levels in (("sex", sexes), ("etiology", ETIOLOGIES)):
            for level in levels:
                who = f"{name}.{level}.{column}"
                printer.count(who, place, f"{name} {level}", column, {name: level}, role="baseline")
        for name in FEATURES[: settings.features]:
            put = printer.percentage if style.bare_percentages else printer.count
            put(f"{name}.{column}", place, name, column, {name: "yes"}, role="baseline")
        for measure in MEASURES:
            printer.measure(f"{measure.id}.{column}", place, measure, column, role="baseline")
    for name in ("sex", *FEATURES[: settings.features]):
        levels = ("male", "female") if name == "sex" else ("yes", "no")
        tested = estimates.table_test(printer.table(groups, name, [[level] for level in levels]), style.categorical)
        event: dict[str, Field] = {name: levels[0]}
        printer.p_value(
            f"{name}.p", place, name, groups, tested=tested, method=style.categorical, event=event, role="baseline"
        )
    _etiology_p(printer, groups)
    for measure in MEASURES:
        x, y = (printer.numbers(measure.id, group) for group in groups)
        by_mean = measure.id in style.means and min(len(x), len(y)) > 1
        test, method = (estimates.t_test, "t") if by_mean else (estimates.rank_sum, "Wilcoxon rank sum")
        given: dict[str, Field] = {"variable": measure.id, "role": "baseline"}
        printer.p_value(f"{measure.id}.p", place, measure.label, groups, tested=test(x, y), method=method, **given)


def _etiology_p(printer: Printer, groups: list[str]) -> None:
    table = printer.table(groups, "etiology", [[cause] for cause in ETIOLOGIES])
    given: dict[str, Field] = {"variable": "etiology", "role": "baseline"}
    _wide_p(printer, "etiology.p", "Table 1", "etiology", groups, table=table, **given)


def _wide_p(
    printer: Printer, name: str, place: str, quantity: str, groups: list[str], *, table: np.ndarray, **fields: Field
) -> None:
    """P of more than two rows or columns: where the exact test takes too long, Pearson's, and it says so."""
    method = printer.style.categorical
    tested = estimates.table_test(table, method)
    if tested is None and method == "Fisher exact":
        method = "Pearson chi-square"
        tested = estimates.table_test(table, method)
        fields["method"] = method
    printer.p_value(name, place, quantity, groups, tested=tested, method=method, **fields)


def _response(printer: Printer) -> None:
    settings, style, place = printer.trial.settings, printer.style, "Table 2"
    groups = list(settings.groups)
    for column in _columns(printer, whole=True):
        for level in RESPONSES:
            event: dict[str, Field] = {"response": level}
            printer.count(f"{level}.{column}", place, level, column, event, role="secondary endpoint")
        printer.proportion(f"orr.{column}", place, "overall response", column, ORR, role="primary endpoint")
        second = "second" if column == ALL else f"second.{column}"
        printer.count(f"second.CR.{column}", place, "CR in the second phase", second, {"second": "CR"},
                      role="secondary endpoint")  # fmt: skip
    for name, event in (("orr", ORR), ("cr", CR)):
        levels = list(RESPONSES[:3]) if name == "orr" else ["CR"]
        rest = [level for level in RESPONSES if level not in levels]
        tested = estimates.table_test(printer.table(groups, "response", [levels, rest]), style.categorical)
        role = "primary endpoint" if name == "orr" else "secondary endpoint"
        printed: dict[str, Field] = {"event": event, "role": role}
        printer.p_value(
            f"{name}.p", place, f"{name} by group", groups, tested=tested, method=style.categorical, **printed
        )
    causes = [cause for cause in ETIOLOGIES if cause in printer.populations]
    for cause in causes:
        printer.count(f"CR.{cause}", place, "CR", cause, CR, role="secondary endpoint")
        printer.proportion(f"orr.{cause}", place, "overall response", cause, ORR, role="secondary endpoint")
    table = printer.table(causes, "response", [list(RESPONSES[:3]), ["NR"]])
    given: dict[str, Field] = {"event": ORR, "role": "secondary endpoint"}
    _wide_p(printer, "orr.etiology.p", place, "overall response by etiology", causes, table=table, **given)
    parts = [f"{level}.all" for level in RESPONSES]
    printer.claim("response.sum", place, "sum", "responses", ALL, whole="n.all", parts=parts, role="secondary endpoint")


def _survival(printer: Printer) -> None:
    settings = printer.trial.settings
    first = printer.trial.values[settings.group] == settings.groups[0]
    for time, event, words in (("os", "death", "overall survival"), ("efs", "failure", "event-free survival")):
        place = "Figure 1" if time == "os" else "Figure 2"
        for at in (6, 12, 24):
            for column in _columns(printer, whole=True):
                named = f"{words} at {at} months"
                role = "key secondary endpoint"
                printer.survival(f"{time}.{at}.{column}", place, named, column, time=time, at=at, role=role)
        for column in _columns(printer, whole=True):
            printer.count(f"{event}.{column}", place, event, column, {event: "yes"}, role="key secondary endpoint")
        happened = printer.trial.values[event] == "yes"
        tested = estimates.log_rank(printer.numbers(time, ALL), happened, first)
        printed: dict[str, Field] = {"variable": time, "role": "key secondary endpoint"}
        printer.p_value(f"{time}.p", place, words, list(settings.groups), tested=tested, method="log-rank", **printed)
        _hazard_ratio(printer, time, happened, first, place)
    for column in _columns(printer, whole=True):
        printer.measure(f"follow_up.{column}", "Results", FOLLOW_UP, column, role="design")


def _hazard_ratio(printer: Printer, time: str, happened: np.ndarray, first: np.ndarray, place: str) -> None:
    from branchpoint.statistics.cox import cox

    fitted = cox(printer.numbers(time, ALL), happened, first.astype(float), ["first"]).hazard_ratio("first")
    if not fitted.estimable or not np.isfinite(fitted.high):
        return
    shown = {name: estimates.half_up(getattr(fitted, name), 2) for name in ("low", "high")}
    printer.claim(f"{time}.hr", place, "ratio", "hazard ratio", ALL, ratio=estimates.half_up(fitted.value, 2),
                  measure="hazard ratio", variable=time, **shown, role="key secondary endpoint")  # fmt: skip


def _adverse_events(printer: Printer) -> None:
    settings = printer.trial.settings
    for name in AGENTS[: settings.adverse_events]:
        for grade in GRADES[1:]:
            for column in _columns(printer, whole=False):
                event: dict[str, Field] = {name: grade}
                row = f"{name}.{'mild' if grade == GRADES[1] else 'severe'}.{column}"
                printer.count(row, "Table 3", f"{name}, {grade}", column, event, role="safety")
    name = AGENTS[0]
    groups = list(settings.groups)
    tested = estimates.table_test(
        printer.table(groups, name, [[GRADES[1], GRADES[2]], [GRADES[0]]]), printer.style.categorical
    )
    given: dict[str, Field] = {"event": {name: [GRADES[1], GRADES[2]]}, "role": "safety"}
    printer.p_value(
        f"{name}.p", "Table 3", f"{name} of any grade", groups, tested=tested, method=printer.style.categorical, **given
    )
    for column in _columns(printer, whole=True):
        anyhow: dict[str, Field] = {name: [GRADES[1], GRADES[2]]}
        printer.count(f"{name}.any.{column}", "Results", f"{name} of any grade", column, anyhow, role="safety")


def _text(printer: Printer) -> None:
    """What the text says again, with or without a link to the table, and medians and ranges apart."""
    for name in ("CR.all", "NR.all", "male.all", "death.all", *(f"CR.{cause}" for cause in ETIOLOGIES[:2])):
        said = "sex.male.all" if name == "male.all" else name
        if said in printer.claims:
            again = {**printer.claims[said], "id": f"text.{name}", "place": "Discussion"}
            printer.claims[f"text.{name}"] = again | ({"same_as": said} if printer.style.links else {})
    for column in printer.trial.settings.groups:
        for name in ("onset", "age"):
            measure = next(one for one in MEASURES if one.id == name)
            printer.median(f"text.{name}.{column}", "Results", measure, column, role="baseline")
            printer.range(f"text.{name}.range.{column}", "Results", measure, column, role="baseline")
