"""The section of known truth: what could be drawn, how near it came to the true patients, and whether it says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from validation.running import markdown_table
from validation.scoring import share

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from validation.curve_errors import Distance, Quantity
    from validation.known_truth import Outcome

__all__ = ["report", "told"]

WORDS = {"os": "overall survival", "efs": "event-free survival"}
SPANS = {"printed": "to the last printed time", "after": "after it"}
WAYS = ("one draw", "mean of draws", "points joined", "Guyot")
AT = ("3 months", "9 months", "18 months", "later")
MOST_NAMED = 6


def report(outcomes: Sequence[Outcome], draws: int, options: str, seconds: float) -> str:
    """Write the section."""
    sizes = [outcome.size for outcome in outcomes]
    parts = [
        "## Known truth: simulated trials reconstructed from their tables\n",
        f"`python -m validation.known_truth {options}`: {len(outcomes)} simulated trials of {min(sizes)} to "
        f"{max(sizes)} patients in two groups, {draws} draws of each from what its paper prints, in {seconds:.0f} s.\n",
        "**Ours is given the tables alone**: survival at 6, 12 and 24 months with its limits, events in total, medians "
        "and ranges of follow-up, the log-rank P value. **Guyot's method is given the curves**, every step of them, "
        "read with an error of 0.3 percentage points (standard deviation), numbers at risk every 6 months and the "
        "total of events. So Guyot's should be nearer to the truth where nothing is printed. What is asked of ours is "
        "how much tables alone leave open, and whether the spread of the draws says so. *Points joined* is what a "
        "reader does without any of it: constant hazards between printed times. Curves are compared while 3 of each "
        "group are at risk.\n",
        *_drawn(outcomes, draws),
        "### Survival curves\n",
        "Absolute difference from the true curve, in percentage points: median over trials (2.5th to 97.5th "
        "percentile). *Within*: the share of the time at which the true curve lies in the range of the draws.\n",
        "Mean over time:\n",
        _curves(outcomes, "mean") + "\n",
        "Greatest of either group:\n",
        _curves(outcomes, "greatest") + "\n",
        "### Survival where none is printed\n",
        "In percentage points, both groups; *later* is 6 months after the last printed time. Bias is that of the mean "
        "of the draws, with 95% limits over trials; RMSE is the root mean square error.\n",
        _errors(outcomes, AT, 100.0) + "\n",
        "### Effects\n",
        "The hazard ratio (Cox) as its logarithm, and the difference of restricted mean survival times in months while "
        "3 of each group are at risk. The log-rank P value is a target of the draws; the printed hazard ratio is not. "
        "*Slope* is that of what was found on the truth: below 1 where differences shrink.\n",
        _errors(outcomes, ("log hazard ratio", "restricted mean"), 1.0) + "\n",
        "### Whether the spread is honest\n",
        f"Were the true patients one more draw, the range of {draws} draws would hold a number of theirs in "
        f"{(draws - 1) / (draws + 1):.1%}, and miss it above and below in {1 / (draws + 1):.1%} each. Limits as if the "
        "groups of a trial were apart.\n",
        _coverage(outcomes),
    ]
    return "\n".join(parts) + "\n"


def told(outcome: Outcome) -> str:
    """One trial in lines, for whoever looks into it."""
    lines = [
        f"trial {outcome.number}: {outcome.size} patients, {outcome.claims} claims, {outcome.seconds:.1f} s, "
        f"{outcome.dropped} fields dropped, {outcome.unmet} numbers unmet {outcome.failure}"
    ]
    for compared in outcome.compared:
        for one in compared.quantities:
            low, high = one.draws.min(), one.draws.max()
            lines.append(
                f"{compared.endpoint} {one.name}: {one.truth:.3f}; draws {low:.3f} to {high:.3f}, mean "
                f"{one.draws.mean():.3f}; Guyot {one.guyot:.3f}; joined {one.joined:.3f}"
            )
        for distance in compared.distances:
            means = ", ".join(f"{way} {100 * mean:.2f}" for way, mean in distance.mean.items())
            lines.append(f"{compared.endpoint} {SPANS[distance.span]}: {means}; within {distance.within:.0%}")
    return "\n".join(lines) + "\n"


def _drawn(outcomes: Sequence[Outcome], draws: int) -> Iterator[str]:
    """What could be drawn, and what not."""
    failed = [outcome for outcome in outcomes if outcome.failure]
    drawn = [outcome for outcome in outcomes if not outcome.failure]
    unmet = [outcome for outcome in drawn if outcome.unmet]
    dropped = [outcome for outcome in drawn if outcome.dropped]
    yield f"- Trials without any draw: {share(len(failed), len(outcomes))}{_named(failed)}."
    yield (
        f"- Trials of which some draw misses a printed number although it follows it: {share(len(unmet), len(drawn))}"
        f"{_named(unmet)}. They are compared like the others."
    )
    yield (
        "- Trials of which some printed field was not followed, as if it contradicted the others, though all are true: "
        f"{share(len(dropped), len(drawn))}{_named(dropped)}."
    )
    took = [outcome.seconds for outcome in drawn]
    yield f"- Time for {draws} draws, one process a trial: {_middle(took, ' s')}.\n"
    for outcome in failed[:MOST_NAMED]:
        yield f"- Trial {outcome.number}: {outcome.failure.splitlines()[0]}\n"


def _named(outcomes: Sequence[Outcome]) -> str:
    if not outcomes:
        return ""
    numbers = ", ".join(str(outcome.number) for outcome in outcomes[:MOST_NAMED])
    more = len(outcomes) - MOST_NAMED
    return f" (trial {numbers}{f' and {more} more' if more > 0 else ''})"


def _middle(values: Sequence[float] | NDArray[np.float64], unit: str = "", places: int = 1) -> str:
    """The median and the 95% interval of percentiles."""
    low, middle, high = np.percentile(values, (2.5, 50, 97.5))
    return f"{middle:.{places}f}{unit} ({low:.{places}f} to {high:.{places}f})"


def _curves(outcomes: Sequence[Outcome], kind: str) -> str:
    rows = []
    for endpoint, words in WORDS.items():
        for span, where in SPANS.items():
            own = list(_distances(outcomes, endpoint, span))
            if own:
                ways = {way: np.array([getattr(one, kind)[way] for one in own]) for way in WAYS}
                cells = ["none" if np.isnan(found).any() else _middle(100 * found) for found in ways.values()]
                within = [_middle([100 * one.within for one in own], "%", 0)] if kind == "mean" else []
                rows.append((f"{words}, {where}", len(own), *cells, *within))
    return markdown_table(("", "trials", *WAYS, *(["within"] if kind == "mean" else [])), rows)


def _distances(outcomes: Iterable[Outcome], endpoint: str, span: str) -> Iterator[Distance]:
    for outcome in outcomes:
        for compared in outcome.compared:
            if compared.endpoint == endpoint:
                yield from (one for one in compared.distances if one.span == span)


def _quantities(outcomes: Sequence[Outcome], names: Sequence[str]) -> Iterator[tuple[str, str, list[Quantity]]]:
    """The endpoint in words, what was compared, and its comparisons; where there are any."""
    for name in names:
        for endpoint, words in WORDS.items():
            own = [
                one
                for outcome in outcomes
                for compared in outcome.compared
                if compared.endpoint == endpoint
                for one in compared.quantities
                if one.name == name
            ]
            if len(own) > 1:
                yield words, name, own


def _errors(outcomes: Sequence[Outcome], names: Sequence[str], unit: float) -> str:
    """Bias and root mean square error by each way, and the slope where points cannot be joined."""
    places, effects = (1, False) if unit > 1 else (3, True)
    rows = []
    for words, name, own in _quantities(outcomes, names):
        true = np.array([one.truth for one in own])
        drawn = np.array([one.draws for one in own])
        found = {
            "one draw": drawn.T,
            "mean of draws": drawn.mean(1),
            "points joined": np.array([one.joined for one in own]),
            "Guyot": np.array([one.guyot for one in own]),
        }
        errors = {way: unit * (values - true) for way, values in found.items()}
        biases = [_bias(errors[way], places) for way in ("mean of draws", "Guyot")]
        ways = [way for way in WAYS if not effects or way != "points joined"]
        squares = [_root_mean_square(errors[way], places) for way in ways]
        slopes = [f"{np.polyfit(true, found[way], 1)[0]:.2f}" for way in ("mean of draws", "Guyot")] if effects else []
        rows.append((f"{words}, {name}", len(own), *biases, *squares, *slopes))
    header = ["", "compared", "bias", "bias, Guyot"]
    header += [f"RMSE, {way}" for way in WAYS if not effects or way != "points joined"]
    return markdown_table([*header, *(["slope", "slope, Guyot"] if effects else [])], rows)


def _bias(errors: NDArray[np.float64], places: int) -> str:
    half = 1.959963984540054 * float(errors.std(ddof=1)) / len(errors) ** 0.5
    mean = float(errors.mean())
    return f"{mean:.{places}f} ({mean - half:.{places}f} to {mean + half:.{places}f})"


def _root_mean_square(errors: NDArray[np.float64], places: int) -> str:
    return "none" if np.isnan(errors).any() else f"{np.mean(errors**2) ** 0.5:.{places}f}"


def _coverage(outcomes: Sequence[Outcome]) -> str:
    """How often the range of the draws holds the truth, how wide it is, and on which side the truth lies otherwise."""
    rows = []
    for words, name, own in _quantities(outcomes, (*AT, "log hazard ratio", "restricted mean")):
        unit, places = (100.0, 1) if name in AT else (1.0, 3)
        widths = [unit * float(np.ptp(one.draws)) for one in own]
        sides = [one.side for one in own]
        below, above = (f"{sides.count(side) / len(own):.1%}" for side in (-1, 1))
        rows.append((f"{words}, {name}", share(sides.count(0), len(own)), below, above, _middle(widths, places=places)))
    return markdown_table(("", "range holds the truth", "truth below", "truth above", "width of the range"), rows)
