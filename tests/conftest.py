"""What the Python tests share."""

import os
from pathlib import Path

import forkroad
import pytest
from consumer_project import install

REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.fixture
def scene():
    return forkroad.generated_scene()


@pytest.fixture
def batch(scene):
    return forkroad.SceneBatch([scene])


@pytest.fixture
def agents():
    return forkroad.make_agent_model("log")


@pytest.fixture
def womd_files():
    """Real logs in the WOMD scenario format, as a list of paths."""
    shared = Path(os.environ.get("FORKROAD_SHARED", REPOSITORY.parent / "shared"))
    folder = shared / "data" / "womd_tfrecord"
    files = [str(path) for path in sorted(folder.glob("*scen*.tfrecord"))]
    if not files:
        pytest.skip(
            "real logs absent: no *scen*.tfrecord under $FORKROAD_SHARED/data/womd_tfrecord"
        )
    return files


@pytest.fixture(scope="session")
def installed(tmp_path_factory):
    """This build, installed in a folder of its own."""
    return install(tmp_path_factory.mktemp("prefix"))
