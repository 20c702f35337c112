"""Files appear whole or not at all, and what dead writers left is removed."""

import errno
import os
import subprocess
import sys

import pytest
from forkroad.whole_files import naming_file, replace_when_whole
from shared_logs import REPOSITORY


def names_in(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_file_takes_its_name_at_the_end(tmp_path):
    path = tmp_path / "file"
    path.write_text("old")
    with replace_when_whole(path) as part:
        part.write_text("new")
        assert path.read_text() == "old"
        assert part.parent == tmp_path
    assert path.read_text() == "new"
    assert names_in(tmp_path) == ["file"]


def test_a_block_that_raises_leaves_nothing(tmp_path):
    with pytest.raises(KeyboardInterrupt), replace_when_whole(tmp_path / "file") as part:
        part.write_text("half")
        raise KeyboardInterrupt
    assert names_in(tmp_path) == []


def test_parts_of_dead_writers_are_removed_and_those_of_others_stay(tmp_path):
    program = (
        "import os, sys; from forkroad.whole_files import replace_when_whole\n"
        "with replace_when_whole(sys.argv[1]) as part: part.write_text('half'); os._exit(9)"
    )
    environment = os.environ | {"PYTHONPATH": str(REPOSITORY / "bindings")}
    died = subprocess.run(
        [sys.executable, "-c", program, tmp_path / "file"], env=environment, check=False
    )
    assert died.returncode == 9
    assert len(names_in(tmp_path)) == 1
    (tmp_path / ".file.and.more.part").mkdir()
    (tmp_path / ".filed.x.part").touch()
    with replace_when_whole(tmp_path / "file") as part:
        part.write_text("whole")
    assert names_in(tmp_path) == [".file.and.more.part", ".filed.x.part", "file"]


def test_two_living_writers_do_not_meet(tmp_path):
    path = tmp_path / "file"
    with replace_when_whole(path) as first:
        first.write_text("first")
        with replace_when_whole(path) as second:
            second.write_text("second")
            assert first.exists()
        assert path.read_text() == "second"
    assert path.read_text() == "first"
    assert names_in(tmp_path) == ["file"]


def test_errors_name_the_file_that_was_asked_for(tmp_path):
    with pytest.raises(OSError, match="No space left on device: 'scores'"), naming_file("scores"):
        raise OSError(errno.ENOSPC, "text of a library")
    with (
        pytest.raises(OSError, match=str(tmp_path / "absent" / "file")),
        replace_when_whole(tmp_path / "absent" / "file"),
    ):
        pass
