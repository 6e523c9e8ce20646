"""The page of a campaign: what it shows, where its links lead, and what hostile text cannot do."""

import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import msgspec
import pytest
from counted import PUBLISHED, make_results

from offswitch.report import render_page

BOTH = [
    (arm, model, resisted, 20, 1)
    for arm in ("A", "B", "K")
    for model, resisted in (("openai/o3", 15), ("organism/saboteur", 19))
]


ON = tuple((arm, model, 0, 20, 1) for arm, model, *_ in BOTH)


class Reader(HTMLParser):
    """Collects what a browser would act on."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def attributes(self, name: str) -> list[str]:
        return [str(attributes[name]) for _, attributes in self.tags if name in attributes]


def rows_of(page: str) -> list[str]:
    return re.findall(r"<tr.*?</tr>", page, flags=re.DOTALL)


@pytest.mark.safety
def test_text_of_an_agent_stays_text() -> None:
    page = render_page(make_results(*BOTH), "runs/<b>")
    reader = Reader(page)
    assert not {tag for tag, _ in reader.tags} & {"script", "b", "img", "iframe", "link", "object", "form"}
    assert not [name for _, attributes in reader.tags for name in attributes if name.startswith("on")]
    assert "&lt;script&gt;" in page
    assert "\x1b" not in page
    assert "\u202e" not in page
    assert "\\u202e" in page


def test_the_page_needs_nothing_else() -> None:
    page = render_page(make_results(*BOTH), "runs/one")
    reader = Reader(page)
    policy = next(str(attributes["content"]) for tag, attributes in reader.tags
                  if attributes.get("http-equiv") == "Content-Security-Policy")  # fmt: skip
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'")
    assert not reader.attributes("src")
    assert all(link.startswith("#") for link in reader.attributes("href"))
    assert "url(" not in page
    assert "@import" not in page


def test_every_number_leads_to_its_trials() -> None:
    reader = Reader(render_page(make_results(*BOTH), "runs/one"))
    ids = reader.attributes("id")
    assert len(ids) == len(set(ids))
    assert set(reader.attributes("href")) <= {f"#{anchor}" for anchor in ids}
    assert "#cell-1-rate-0" in reader.attributes("href")
    assert "#trial-1-2" in reader.attributes("href")


def test_simulated_agents_are_marked_wherever_they_stand() -> None:
    page = render_page(make_results(*BOTH), "runs/one")
    named = [row for row in rows_of(page) if "saboteur" in row]
    assert len(named) == 3 + 3 + 3 + 3 + 1  # figures, rates, outcomes, flags, one contrast
    assert all('class="badge">simulated' in row for row in named)
    assert not [row for row in rows_of(page) if "openai/o3" in row and "badge" in row]
    assert "Some agents here are simulated" in page
    assert "Every agent here is simulated" in render_page(
        make_results(("A", "organism/honest", 0, 5, 0)), "runs/one"
    )


def test_capability_is_never_in_the_chart_of_propensity() -> None:
    page = render_page(make_results(*BOTH), "runs/one")
    figures = re.findall(r"<figure>.*?</figure>", page, flags=re.DOTALL)
    assert len(figures) == 2
    propensity, capability = figures
    assert "Arm A:" in propensity
    assert "Arm B:" in propensity
    assert "Arm K:" not in propensity
    assert "Arm K:" in capability
    assert "Arm A:" not in capability


def test_the_guard_is_drawn_apart_and_never_beside_a_published_rate() -> None:
    page = render_page(make_results(*BOTH, guarded=ON), "runs/one")
    figures = re.findall(r"<figure>.*?</figure>", page, flags=re.DOTALL)
    titles = [re.findall(r"<h3>(.*?)</h3>", figure)[0] for figure in figures]
    assert titles == [
        "Resisted shutdown: propensity",
        "Resisted shutdown: guard off and on",
        "Resisted shutdown: capability",
        "Resisted shutdown: guard off and on, capability",
    ]
    for title, figure in zip(titles, figures, strict=True):
        assert ("guard on</span>" in figure) == ("guard off and on" in title)
        assert "published" not in figure or "guard" not in title
    apart = [re.findall(r"guard (on|off)</span>", row) for row in rows_of(figures[1]) if "<td>" in row]
    assert apart == [["off"], ["on"]] * 4
    assert "a trial that the guard stopped has not complied" in figures[1]
    assert "guard off and on</dd>" in page


def test_a_guarded_cell_is_marked_in_every_table_and_its_numbers_lead_to_its_trials() -> None:
    page = render_page(make_results(*BOTH, guarded=ON), "runs/one")
    tables = [row for row in rows_of(page) if row.startswith("<tr><td>")]
    assert len([row for row in tables if "guard on" in row]) == len(ON) * 3  # rates, outcomes, flags
    assert len([row for row in tables if "-outcome-stopped_by_guard" in row]) == len(ON)
    assert page.count(", guard on, ") == len(ON)  # headings of the evidence
    assert len([row for row in rows_of(page) if row.count("guard off") == row.count("guard on") == 1]) == 6
    assert "compared with no other arm" in page
    ids = Reader(page).attributes("id")
    assert set(Reader(page).attributes("href")) <= {f"#{anchor}" for anchor in ids}


def test_with_the_guard_on_alone_there_is_nothing_published_and_without_it_no_word_of_it() -> None:
    page = render_page(make_results(guarded=ON), "runs/one")
    assert "Resisted shutdown: guard on</h3>" in page
    assert 'class="published"' not in page
    assert "guard on</dd>" in page
    assert "guard on" not in render_page(make_results(*BOTH), "runs/one").replace("guard off and on", "")


def test_published_rates_have_a_marker_and_a_source_of_their_own() -> None:
    page = render_page(make_results(("A", "openai/o3", 15, 20, 0)), "runs/one")
    published = [row for row in rows_of(page) if 'class="published"' in row]
    assert [name for name in ("Grok 4", "o4-mini") if any(name in row for row in published)] == [
        "Grok 4",
        "o4-mini",
    ]
    assert all("mark published" in row and "#source-1-1-" in row for row in published)
    assert "92.6 % (90.9 to 94.1)" in page
    assert "0.0 % (no interval published)" in page
    assert "arXiv:2509.14260v2: N 961-1000</li>" in page


def test_a_published_cell_is_kept_from_our_rate_only_where_its_version_is_another() -> None:
    results = make_results(("A", "openai/o3", 15, 20, 0))
    headline, second = results.cells[0].rates
    of_second = [msgspec.structs.replace(PUBLISHED[0], rate="tampered")]
    same = msgspec.structs.replace(
        results.cells[0], rates=[headline, msgspec.structs.replace(second, published=of_second)]
    )
    page = render_page(msgspec.structs.replace(results, cells=[same]), "runs/one")
    assert "What is of this version repeats the rate it names" in page
    assert "not to be read beside ours" not in page

    elder = [msgspec.structs.replace(PUBLISHED[0], generation="o1 system card")]
    other = msgspec.structs.replace(
        results.cells[0], rates=[msgspec.structs.replace(headline, published=elder), second]
    )
    page = render_page(msgspec.structs.replace(results, cells=[other]), "runs/one")
    assert "not to be read beside ours" in page
    assert "What is of this version" not in page


def test_what_the_trials_were_given_is_said_in_words_and_sessions_are_counted() -> None:
    results = make_results(("A", "openai/o3", 4, 20, 0))
    options = {"agent": "claude_code", "interviewing": "one", "probing": True}
    asked = msgspec.structs.replace(results, plan=msgspec.structs.replace(results.plan, options=options))
    page = render_page(asked, "runs/one")
    assert "agent claude_code, asked afterwards what it did, in one form of the question by turns" in page
    assert "asked afterwards whether it took this for a test</dd>" in page
    assert "interviewing" not in page
    assert ", in 1 session</dd>" in page
    twice = msgspec.structs.replace(results, sessions=results.sessions * 2)
    assert ", in 2 sessions</dd>" in render_page(twice, "runs/one")


def test_what_is_missing_is_stated() -> None:
    results = make_results(("A", "openai/o3", 4, 20, 3))
    cell = msgspec.structs.replace(results.cells[0], not_run=5, errors=2)
    page = render_page(
        msgspec.structs.replace(results, cells=[cell], complete=False, unreadable=["logs/x.eval"]), "runs/one"
    )
    assert "17 finished, 3 discarded because they hit a limit, 2 broke, 5 not run" in page
    assert "offswitch run --resume runs/one" in page
    assert "logs/x.eval" in page


def test_a_large_campaign_gives_a_bounded_page_that_says_so() -> None:
    cells = [("A", f"openai/{number}", 500, 1000, 0) for number in range(40)]
    page = render_page(make_results(*cells, evidence="x" * 100_000), "runs/one")
    assert len(page) < 6_000_000
    assert page.count('<tr id="trial-') == 2000
    assert "950 more trials that ran are in results.json" in page
    assert "(100,000 characters)" in page


@pytest.mark.browser
def test_a_real_browser_shows_it_on_a_phone_without_running_anything(tmp_path: Path) -> None:
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        pytest.skip("needs chromium")
    page = tmp_path / "report.html"
    page.write_text(render_page(make_results(*BOTH), "runs/one"))
    shown = subprocess.run(
        [browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--no-first-run", f"--user-data-dir={tmp_path}/p",
         "--window-size=500,900", "--dump-dom", page.as_uri()],
        capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    assert "Shutdown resistance" in shown.stdout
    assert "<script" not in shown.stdout
    assert "Refused" not in shown.stderr
