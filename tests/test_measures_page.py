"""docs/measures: every measure is told, every link leads somewhere, and the pictures can be drawn again."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path
from xml.etree import ElementTree

import pytest

from mtsession.analysis.result import VoidReason
from mtsession.analysis.summary import GroupMeasures, PairMeasures, PlayerMeasures
from mtsession.wording import banned_words_in, say

REPOSITORY = Path(__file__).resolve().parents[1]

INDEX, FOLDER = REPOSITORY / "docs" / "measures.md", REPOSITORY / "docs" / "measures"

PAGES = sorted(FOLDER.glob("*.md"))

PARTS = (
    "How to read it",
    "What it does not show",
    "When nothing is said",
    "How it is computed",
    "Source",
    "How it was proved",
)

NO_MEASURES = {"seat", "role", "first", "second"}

MEASURES = sorted(
    {field.name for kind in (PlayerMeasures, PairMeasures, GroupMeasures) for field in fields(kind)} - NO_MEASURES
)

LARGEST_PICTURE = 60_000

SMALLEST_LABEL_PX = 12


def flat(page: Path) -> str:
    """The page with all white space as one space: a line may end anywhere."""
    return " ".join(page.read_text(encoding="utf-8").split())


def page_of(measure: str) -> Path:
    told = [page for page in PAGES if re.search(rf"In the file: [^.]*`{measure}`", flat(page))]
    assert len(told) == 1, f"{measure} is told on {[page.name for page in told]}"
    return told[0]


@pytest.mark.parametrize("measure", MEASURES)
def test_every_measure_of_a_session_has_its_page(measure: str) -> None:
    assert page_of(measure) in PAGES


@pytest.mark.parametrize("measure", MEASURES)
def test_a_page_says_what_each_of_its_measures_does_not_show_as_the_program_does(measure: str) -> None:
    said = say(f"analysis.{measure}_not").removesuffix(".")
    first_sentence = said.split(". ")[0]
    assert first_sentence in flat(page_of(measure))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_page_has_all_its_parts_in_order_and_a_picture_of_its_own(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert tuple(re.findall(r"^## (.+)$", text, re.MULTILINE)) == PARTS
    assert re.search(rf"!\[.+\]\({page.stem}\.svg\)", text)
    assert text.splitlines()[2].startswith("> ")


def test_the_index_leads_to_every_page() -> None:
    text = INDEX.read_text(encoding="utf-8")
    assert [page.stem for page in PAGES if f"(measures/{page.stem}.md)" not in text] == []


@pytest.mark.parametrize("reason", VoidReason)
def test_the_index_tells_every_reason_in_the_words_of_the_program(reason: VoidReason) -> None:
    assert f"| {say(f'analysis.{reason.value}')} |" in INDEX.read_text(encoding="utf-8")


@pytest.mark.parametrize("page", [INDEX, *PAGES], ids=lambda page: page.stem)
def test_every_link_leads_to_a_file_and_to_a_heading_that_are_there(page: Path) -> None:
    for link in re.findall(r"\]\(([^)]+)\)", page.read_text(encoding="utf-8")):
        name, _, heading = link.partition("#")
        file = (page.parent / name).resolve() if name else page
        assert file.is_file(), link
        assert not heading or heading in anchors(file), link


def anchors(file: Path) -> set[str]:
    """The headings as a link names them."""
    headings = re.findall(r"^#+ (.+)$", file.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", [INDEX, *PAGES], ids=lambda page: page.stem)
def test_no_page_interprets_and_none_waits_for_a_number(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert banned_words_in(text) == ()
    assert "@" not in text


def test_every_command_on_the_pages_names_files_that_are_there() -> None:
    commands = [code for page in [INDEX, *PAGES] for code in re.findall(r"`([^`\n]+)`", page.read_text("utf-8"))]
    paths = {word for code in commands for word in code.split() if re.fullmatch(r"(tests|scripts)/\S+\.py", word)}
    modules = {word for code in commands for word in code.split() if re.fullmatch(r"tests\.bench\.\w+", word)}
    assert paths
    assert modules
    assert [path for path in paths if not (REPOSITORY / path).is_file()] == []
    assert [name for name in modules if not (REPOSITORY / f"{name.replace('.', '/')}.py").is_file()] == []


def test_drawn_again_every_picture_has_the_same_bytes(tmp_path: Path) -> None:
    command = [sys.executable, str(REPOSITORY / "scripts" / "draw_measures.py"), "--to", str(tmp_path)]
    subprocess.run(command, check=True, cwd=REPOSITORY)
    drawn = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    kept = {path.name: path.read_bytes() for path in FOLDER.glob("*.svg")}
    assert set(drawn) == set(kept) == {f"{page.stem}.svg" for page in PAGES}
    assert [name for name in drawn if drawn[name] != kept[name]] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_pictures_are_small_tell_what_they_show_and_have_no_tiny_label(page: Path) -> None:
    picture = page.with_suffix(".svg")
    root = ElementTree.fromstring(picture.read_bytes())
    told = {child.tag.rpartition("}")[2]: child.text for child in root}
    sizes = [int(child.attrib["font-size"]) for child in root.iter() if "font-size" in child.attrib]
    assert picture.stat().st_size <= LARGEST_PICTURE
    assert told["title"]
    assert told["desc"]
    assert min(sizes) >= SMALLEST_LABEL_PX
