"""`tillpost report`: one page, as a browser shows it: on a desk, on a phone, at night, on paper."""

import os
import re
import shutil
import stat
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from project_harness import Table, make_project, tillpost

EVIL = "<script>alert(1)</script>"
EMAIL = "ada@example.com"
NOW = datetime.now(UTC).replace(microsecond=0)
HEADER = "order_id,event_time,event_name,currency,order_total,email,store"
STORES = ("B01", "N01")
READABLE, VISIBLE = 4.5, 3.0
"""The contrasts that WCAG asks for, of text and of marks."""
WIDTHS = (375, 768, 1280)
SECTIONS = (
    *("What to look at", "Where every row ended", "Why sales do not go", "Day by day"),
    *("What it is worth", "What is known of customers", "What was sent", "How it is made"),
    "What is proved",
)
CONTRASTS = """
() => {
  const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const rgb = (...layers) => {
    canvas.clearRect(0, 0, 1, 1);
    for (const layer of layers) { canvas.fillStyle = layer; canvas.fillRect(0, 0, 1, 1); }
    return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const light = (colour) => {
    const [r, g, b] = colour.map((each) => each / 255).map(
      (each) => each <= 0.04045 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const paper = getComputedStyle(document.body).backgroundColor;
  const contrast = (one, other) => {
    const [low, high] = [light(one), light(other)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };
  const found = [];
  for (const each of document.querySelectorAll('body *')) {
    const style = getComputedStyle(each);
    const hasText = [...each.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
    const isText = hasText && !['TITLE', 'DESC', 'title', 'desc'].includes(each.tagName);
    const isMark = ['path', 'circle', 'rect'].includes(each.tagName) && style.fill !== 'none'
      && each.closest('.role-mark, .graph') && !each.hasAttribute('opacity');
    if (!isText && !isMark) continue;
    const ground = rgb(paper, style.backgroundColor);
    const ink = each.closest('svg') ? style.fill : style.color;
    const is_view = each.classList.contains('view');
    found.push([isText, contrast(rgb(paper, is_view ? style.stroke : ink), ground),
                each.tagName + ' ' + each.textContent.slice(0, 30)]);
  }
  return found;
}
"""


def line(order: str, days: float, *, name: str = "Purchase", total: str = "10.00") -> str:
    moment = f"{NOW - timedelta(days=days):%Y-%m-%dT%H:%M:%SZ}"
    return f"{order},{moment},{name},EUR,{total},{EMAIL},{STORES[int(days) % 2]}"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    lines = [
        *(line(f"o-{day}", day) for day in range(1, 30)),
        line("evil", 2, name=EVIL),
        line("old", 62.5),
        line("refund", 3, total="-4.00"),
        line(f"{EMAIL}-r", 3, total="-4.00"),
    ]
    text = "\n".join([HEADER, *lines, ""])
    sales = Table(
        name="till.sales",
        files={"sales": text},
        meta={"row_key": ["order_id"]},
        mapping={
            "event_name": "event_name",
            "store_data": "{{ store_data(store_code='store') }}",
        },
    )
    return make_project(tmp_path_factory.mktemp("report"), [sales], edge_url="http://127.0.0.1:9")


@pytest.fixture(scope="module")
def report(project: Path) -> Path:
    done = tillpost(project, "report", "--quiet")
    assert (done.returncode, done.stdout) == (0, "the report is in report.html\n"), done.stderr
    return project / "report.html"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    found = shutil.which("chromium")
    if not found and not os.environ.get("CI"):
        pytest.skip("chromium is not installed (Debian: apt-get install chromium)")
    assert found, "in CI chromium must be there: .ci/run installs it"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def opened(browser: Browser, report: Path) -> Iterator[Callable[..., Page]]:
    contexts = []

    def open_page(*, width: int = 1280, scheme: str = "light") -> Page:
        context = browser.new_context(viewport={"width": width, "height": 800})
        contexts.append(context)
        page = context.new_page()
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.goto(report.as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()


def test_the_page_is_for_its_owner_and_needs_nothing(report: Path) -> None:
    text = report.read_text(encoding="utf-8")
    assert stat.S_IMODE(report.stat().st_mode) == 0o600
    assert "default-src 'none'; style-src 'unsafe-inline'" in text
    assert not re.search(r"<script|<link|<img|\son\w+=|url\((?!#)|@import|https?:", text)


def test_names_are_no_markup_and_nobody_is_in_it(report: Path) -> None:
    text = report.read_text(encoding="utf-8")
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert EMAIL not in text
    assert "***@***" in text  # the receipt that is named by an address is told, without it


def test_the_answer_stands_at_its_head(opened: Callable[..., Page]) -> None:
    page = opened()
    answer = page.locator(".answer").inner_text()
    assert answer.startswith("30 sales would go to Meta now, worth 300.00 EUR; 3 do not go; all 33")
    assert answer.endswith("source rows in scope are accounted for.")
    assert page.locator("h1").count() == 1
    assert tuple(page.locator("h2").all_inner_texts()) == SECTIONS
    reasons = page.locator("#reasons tbody tr").all_inner_texts()
    assert [each.split()[:2] for each in reasons if "too_old" in each] == [["too_old", "1"]]


def test_it_has_what_the_audit_found_and_each_store(opened: Callable[..., Page]) -> None:
    page = opened()
    found = " ".join(page.locator("#look").inner_text().split())
    assert "stand in too many sales, one in 100% of those with em" in found
    assert "A warning begins at 0 (max_frequent_hashes)" in found
    rows = page.locator("#coverage table", has_text="by store").locator("tbody tr")
    assert [each.split() for each in rows.all_text_contents()] == [
        ["till.sales", "B01", "15", "100%", "100%"],
        ["till.sales", "N01", "15", "100%", "100%"],
    ]


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_is_asked_for_and_no_page_scrolls_sideways(
    browser: Browser, report: Path, width: int
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800})
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("request", lambda request: said.append(request.url))
    page.goto(report.as_uri())
    page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true })")
    assert said == [report.as_uri()]
    assert page.evaluate("document.documentElement.scrollWidth") == width
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_and_marks_stand_out(opened: Callable[..., Page], scheme: str) -> None:
    page = opened(scheme=scheme)
    page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true })")
    found = page.evaluate(CONTRASTS)
    assert len(found) > 300
    faint = {
        (what, round(contrast, 2))
        for is_text, contrast, what in found
        if contrast < (READABLE if is_text else VISIBLE)
    }
    assert faint == set()


def test_every_picture_has_words_and_a_table(opened: Callable[..., Page]) -> None:
    page = opened()
    pictures = page.locator("figure")
    assert pictures.count() == 8  # nothing was sent: there is no chart of that
    for picture in pictures.all():
        drawing = picture.locator("svg").first
        assert drawing.get_attribute("role") == "img"
        for name in (drawing.get_attribute("aria-labelledby") or "").split():
            assert page.locator(f"[id='{name}']").text_content()
        assert picture.locator("xpath=following::table").count() > 0
    ids = re.findall(r'\sid="([^"]+)"', page.content())
    assert len(ids) == len(set(ids))
    assert all(each.get_attribute("scope") for each in page.locator("th").all())
    assert page.locator("table:not(:has(caption))").count() == 0


def test_on_paper_the_tables_are_open(opened: Callable[..., Page]) -> None:
    page = opened()
    hidden = page.locator("#funnel details td").first
    assert not hidden.is_visible()
    page.emulate_media(media="print")
    assert hidden.evaluate("(each) => each.checkVisibility({contentVisibilityAuto: true})")
    assert len(re.findall(rb"/Type /Page\b", page.pdf(format="A4"))) >= 5


def test_without_the_extra_it_says_what_to_install(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tillpost.errors import UsageError  # noqa: PLC0415  beside what it tests
    from tillpost.report.drawing import require_library  # noqa: PLC0415

    monkeypatch.setitem(sys.modules, "vl_convert", None)
    with pytest.raises(UsageError, match="cannot draw its charts") as raised:
        require_library()
    assert raised.value.fix == "pip install 'tillpost[report]'"
    assert project.exists()
