"""The rules of the reference protocol written by hand in Polars, with shared steps computed once."""

import polars as pl

c = pl.col
GENES = ["pathogenic", "PRF1", "UNC13D", "STX11", "STXBP2", "RAB27A", "LYST", "AP3B1", "SH2D1A", "XIAP", "BIRC4"]


def at_least(count, *rules):
    """Kleene's count: enough hold, too few can, or not known."""
    hold = pl.sum_horizontal(rule.cast(pl.Int8) for rule in rules)
    fail = pl.sum_horizontal((~rule).cast(pl.Int8) for rule in rules)
    return pl.when(hold >= count).then(True).when(fail > len(rules) - count).then(False)


def ratio(left, right):
    return pl.when(right != 0).then(left / right)


def ln(value):
    return pl.when(value > 0).then(value.log())


def hlh_steps(at):
    """HLH-2004 from the columns of a day."""
    v = lambda name: c(name + at)  # noqa: E731
    items = [
        v("temperature") >= 38.5,
        v("splenomegaly"),
        at_least(2, (v("hemoglobin") < 90) | ((v("age_days") < 28) & (v("hemoglobin") < 100)), v("platelets") < 100, v("neutrophils") < 1.0),
        (v("triglycerides") >= 3.0) | (v("fibrinogen") <= 1.5),
        v("hemophagocytosis"),
        ratio(v("nk_activity"), v("nk_activity__lower_limit")) < 1,
        v("ferritin") >= 500,
        ((v("soluble_cd25__scale") == "U/mL") & (v("soluble_cd25__in_U_mL") >= 2400))
        | ((v("soluble_cd25__scale") == "pg/mL") & (ratio(v("soluble_cd25"), v("soluble_cd25__upper_limit")) > 1)),
    ]  # fmt: skip
    return items
