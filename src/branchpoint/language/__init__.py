"""The words a protocol is written in.

Here live measurements, rules, choices, doses, visits, responses, the pathway and the protocol that joins them, with the
proofs that each makes of itself. No patient is known here, and no data frame: the engine gives the words their meaning.
"""

from branchpoint.language.choices import (
    AnswerIs,
    Classification,
    above,
    bands,
    below,
    between,
    classify,
    up_to,
)
from branchpoint.language.declarations import AnalysisSet, Endpoint, EventType, Parameter
from branchpoint.language.errors import ProtocolError
from branchpoint.language.interventions import Dose, Intervention, daily, hours, per_amount_of
from branchpoint.language.measurements import Coded, Exposed, Measurement, Numeric, Occurred, Scale, YesNo
from branchpoint.language.nodes import Label, Node, Rule
from branchpoint.language.pathway import Decision, Pathway, at
from branchpoint.language.protocol import Protocol
from branchpoint.language.quantities import Clip, Derived, Input, NumericQuantity, Points, Transform
from branchpoint.language.responses import (
    CR,
    IMPROVEMENT,
    NE,
    NR,
    PD,
    PR,
    RELAPSE,
    RESPONSES,
    ResponseCase,
    ResponseRuleSet,
)
from branchpoint.language.rules import (
    Criterion,
    all_of,
    any_of,
    at_baseline,
    at_least,
    criterion,
    not_,
    sustained,
)
from branchpoint.language.schedule import Epoch, Visit, weeks

__all__ = [
    "CR", "IMPROVEMENT", "NE", "NR", "PD", "PR", "RELAPSE", "RESPONSES", "AnalysisSet", "AnswerIs",
    "Classification", "Clip", "Coded", "Criterion", "Decision", "Derived", "Dose", "Endpoint", "Epoch", "EventType",
    "Exposed", "Input", "Intervention", "Label", "Measurement", "Node", "Numeric", "NumericQuantity", "Occurred",
    "Parameter", "Pathway", "Points", "Protocol", "ProtocolError", "ResponseCase", "ResponseRuleSet", "Rule",
    "Scale", "Transform", "Visit", "YesNo", "above", "all_of", "any_of", "at", "at_baseline", "at_least", "bands",
    "below", "between", "classify", "criterion", "daily", "hours", "not_", "per_amount_of", "sustained",
    "up_to", "weeks",
]  # fmt: skip
