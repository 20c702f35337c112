"""What README.md and docs/ say can be done can be done: blocks run, commands and names exist.

A block that cannot run here has a comment before it, invisible in the rendered page:
`<!-- not run: reason -->`. It is skipped with that reason.
"""

import importlib
import re
import shlex
from pathlib import Path
from typing import NamedTuple

import click
import forkroad
import pytest
from click.testing import CliRunner
from consumer_project import REPOSITORY, run
from forkroad.cli import main

PAGES = [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").glob("*.md"))]
BLOCK = re.compile(
    r"(?:<!-- not run: (?P<reason>.*?) -->\s*)?^```(?P<language>\w*)\n(?P<text>.*?)^```",
    re.S | re.M,
)
LANGUAGES = {"python", "sh", "cpp", "cmake"}
LOG = "generated:merge:1"
# what stands for a file or a folder of the reader's
PLACEHOLDERS = {"FILE": LOG, "FILE...": LOG, "SRC...": LOG, "DIR": "out"}


class Block(NamedTuple):
    place: str
    language: str
    text: str
    reason: str | None


def blocks_of(page: Path) -> list[Block]:
    content = page.read_text()
    return [
        Block(
            f"{page.name}:{content.count(chr(10), 0, match.start('language')) + 1}",
            match["language"],
            match["text"],
            match["reason"],
        )
        for match in BLOCK.finditer(content)
    ]


BLOCKS = [block for page in PAGES for block in blocks_of(page)]
SPANS = [
    (page.name, span)
    for page in PAGES
    for span in re.findall(r"`([^`\n]+)`", BLOCK.sub("", page.read_text()))
]


def blocks(language):
    found = [block for block in BLOCKS if block.language == language]
    return pytest.mark.parametrize("block", found, ids=[block.place for block in found])


def skip_unless_it_runs(block):
    if block.reason:
        pytest.skip(f"{block.place} not run: {block.reason}")


COMMANDS = [
    (block.place, words)
    for block in BLOCKS
    if block.language == "sh"
    for line in block.text.splitlines()
    if (words := shlex.split(line, comments=True))
] + [(page, shlex.split(span)) for page, span in SPANS if re.match(r"(\./run|forkroad)( |$)", span)]


def documented():
    """Every command of the pages once, with one page that names it."""
    return {shlex.join(words): (place, words) for place, words in COMMANDS}


def forkroad_words(words):
    """The arguments of the command `forkroad`, None if the command is another one."""
    if words[0] == "forkroad":
        return words[1:]
    return words[2:] if words[:2] == ["./run", "forkroad"] else None


def test_every_block_has_a_language_that_is_checked():
    assert {block.language for block in BLOCKS} <= LANGUAGES
    assert sum(block.language == "python" for block in BLOCKS) >= 2
    assert len(documented()) > 15


@blocks("python")
def test_python_runs(block, tmp_path, monkeypatch):
    skip_unless_it_runs(block)
    monkeypatch.chdir(tmp_path)
    scope: dict = {"__name__": "docs"}
    exec(compile(block.text, block.place, "exec"), scope)
    if block.place.startswith("README"):
        assert scope["table"].best_plan(0) >= 0


@blocks("cpp")
def test_cpp_builds_and_runs_as_the_page_says(block, installed, tmp_path):
    skip_unless_it_runs(block)
    page = block.place.split(":")[0]
    (use,) = [
        other for other in BLOCKS if other.language == "cmake" and other.place.startswith(page)
    ]
    (tmp_path / "main.cpp").write_text(block.text)
    (tmp_path / "CMakeLists.txt").write_text(
        "cmake_minimum_required(VERSION 3.22)\nproject(page LANGUAGES CXX)\n"
        f"add_executable(app main.cpp)\n{use.text}"
    )
    assert run(installed.build(tmp_path, tmp_path / "build") / "app").strip()


@pytest.mark.parametrize("command", documented())
def test_a_command_exists_with_its_options(command):
    _, words = documented()[command]
    arguments = forkroad_words(words)
    if arguments is not None:
        check_options(arguments)
    elif words[0] == "./run" and len(words) > 1:
        usage = run(REPOSITORY / "run", "help")
        assert re.search(rf"^  {words[1]}\b", usage, re.M), f"{command}: not in ./run help"
        for option in (word for word in words if word.startswith("--")):
            assert re.search(rf"^  {words[1]} .*{option}", usage, re.M), f"{command}: {option}"
        if words[1] == "bench" and len(words) > 2:
            assert (REPOSITORY / "benchmarks" / f"{words[2]}_bench.cpp").exists()


def check_options(arguments):
    """Let click's own parser look at the arguments of `forkroad`; nothing runs."""
    command, context = main, click.Context(main)
    while isinstance(command, click.Group) and arguments:
        name, *arguments = arguments
        command = command.get_command(context, name)
        assert command is not None, f"no command '{name}'"
        context = click.Context(command, parent=context, info_name=name)
    command.make_parser(context).parse_args(list(arguments))


def test_an_unknown_option_would_be_found():
    with pytest.raises(click.NoSuchOption):
        check_options(["score", "FILE", "--planes", "3"])
    with pytest.raises(AssertionError, match="no command"):
        check_options(["scores"])


RUNNABLE = {
    command: words
    for command, (_, words) in documented().items()
    if (arguments := forkroad_words(words))
    and len(arguments) > 1
    and arguments[0] != "parity"  # needs a file of its own, see below
    and "2000" not in arguments  # a measurement
}


@pytest.mark.parametrize("command", RUNNABLE)
def test_a_command_runs(command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shard = ["import", LOG, "-o", "DIR"]
    arguments = forkroad_words(RUNNABLE[command])
    if any(word.startswith("DIR/") for word in arguments):
        assert CliRunner().invoke(main, shard).exit_code == 0
    words = [PLACEHOLDERS.get(word, word) for word in arguments]
    if words[-1].startswith("--"):
        words.append(LOG)
    if words[0] == "score" and "-o" not in words:
        words += ["-o", "out"]
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 0, result.output


def test_the_demo_of_the_first_page_is_the_command_that_run_gives(tmp_path):
    (line,) = re.findall(r"^    forkroad (demo.*)$", (REPOSITORY / "run").read_text(), re.M)
    words = shlex.split(line)
    assert words[-2:] == ["-o", "demo"]
    result = CliRunner().invoke(main, [*words[:-1], str(tmp_path)])
    assert result.exit_code == 0, result.output
    assert {path.suffix for path in tmp_path.iterdir()} == {".parquet", ".png", ".html"}


@pytest.mark.parametrize(
    "name", sorted({span for _, span in SPANS if re.match(r"forkroad(\.\w+)+(\(|$)", span)})
)
def test_a_name_of_the_package_exists(name):
    parts = name.split("(")[0].split(".")[1:]
    owner = forkroad
    for part in parts:
        if not hasattr(owner, part):
            importlib.import_module(f"{owner.__name__}.{part}")
        owner = getattr(owner, part)


def test_a_file_that_a_page_names_exists():
    folders = {path.name for path in REPOSITORY.iterdir() if path.is_dir()}
    for page, span in SPANS:
        if not re.fullmatch(r"[\w./{},*-]+", span) or span.split("/")[0] not in folders - {"build"}:
            continue
        pattern = re.sub(r"STEM|NAME", "*", span)
        alternatives = re.sub(r"\{.*\}", "*", pattern)
        assert list(REPOSITORY.glob(alternatives.rstrip("/"))), f"{page}: {span}"


def test_a_link_between_pages_leads_somewhere():
    for page in PAGES:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_every_fact_is_described():
    page = (REPOSITORY / "docs" / "data.md").read_text()
    table = page.split("Facts (units in the Parquet field metadata)")[1].split("\n## ")[0]
    names = set(re.findall(r"`(\w+)`", table))
    assert {field.name for field in forkroad.Facts.fields()} <= names
