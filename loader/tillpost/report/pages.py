"""The report: one page that needs nothing but a browser."""

from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined

from tillpost.pipeline.counting import Group
from tillpost.pipeline.page_facts import PageFacts
from tillpost.report import coverage, model_graph, page_pictures, page_tables
from tillpost.report import lineage as lineages
from tillpost.report.charts import OUTCOMES
from tillpost.report.page_cells import cell
from tillpost.report.page_words import answer, balance, findings
from tillpost.report.proofs import moment
from tillpost.report.sums import events, outcome, shown

PAGE, STYLE = "page.html.jinja", "page.css"


def report_page(facts: PageFacts) -> str:
    """All of it: pictures, the tables behind them, and the sentence at the head."""
    return (
        _environment()
        .get_template(PAGE)
        .render(
            facts=facts,
            plan=facts.plan,
            proof=facts.evidence,
            proved=moment(facts.evidence),
            style=(files("tillpost.report") / STYLE).read_text(encoding="utf-8"),
            moment=shown(facts.plan.as_of),
            answer=answer(facts),
            balance=balance(facts),
            figures=_figures(facts.plan.groups),
            findings=findings(facts),
            coverage=coverage,
            pictures=page_pictures,
            tables=page_tables,
            graph=model_graph.model_graph(facts.nodes),
            graphs=model_graph,
            lineage=lineages.lineage(facts.evidence),
            lineages=lineages,
        )
    )


def _figures(groups: Sequence[Group]) -> dict[str, int]:
    """The few numbers that stand large at the head."""
    return {name: events(group for group in groups if outcome(group) == name) for name in OUTCOMES}


@cache
def _environment() -> Environment:
    environment = Environment(
        autoescape=True,
        loader=PackageLoader("tillpost", "report"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["cell"] = cell
    return environment
