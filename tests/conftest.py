"""What the Python tests share."""

import forkroad
import pytest
from consumer_project import install
from shared_logs import find_logs


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
    return [str(path) for path in find_logs("womd_tfrecord/*scen*.tfrecord")]


@pytest.fixture(scope="session")
def installed(tmp_path_factory):
    """This build, installed in a folder of its own."""
    return install(tmp_path_factory.mktemp("prefix"))
