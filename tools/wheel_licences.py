"""Puts the licence texts of what a wheel carries of others into it.

    python tools/wheel_licences.py WHEEL

Libraries that auditwheel copied in are looked up by Debian package; what is compiled in from
headers alone is listed here. The texts end up in licenses/third_party of the wheel's metadata.
"""

from __future__ import annotations

import importlib.metadata
import re
import subprocess
import sys
import tempfile
from pathlib import Path

HEADER_PACKAGES = ("libeigen3-dev", "libprotozero-dev")
HEADER_DISTRIBUTIONS = ("nvidia-cuda-cccl", "pybind11")
COPIED = re.compile(r"(?P<name>.+)-[0-9a-f]{8}(?P<version>\.so.*)")  # auditwheel adds a hash


def debian_text(package: str) -> str:
    return (Path("/usr/share/doc") / package / "copyright").read_text()


def package_of(library: str) -> str:
    """The Debian package that a copied library comes from."""
    parts = COPIED.fullmatch(library)
    if parts is None:
        raise SystemExit(f"{library}: expected a name that auditwheel gave, NAME-HASH.so.VERSION")
    original = parts["name"] + parts["version"]
    command = ["dpkg-query", "--search", f"*/{original}"]
    found = subprocess.run(command, capture_output=True, text=True)
    if found.returncode != 0:
        raise SystemExit(f"{library}: no Debian package has {original}; its licence is not known")
    return found.stdout.split(":")[0]


def distribution_text(name: str) -> str:
    files = importlib.metadata.files(name) or []
    texts = [file.read_text() for file in files if "licenses" in file.parts]
    if not texts:
        raise SystemExit(f"{name}: the installed distribution holds no licence text")
    return "\n".join(texts)


def add_texts(unpacked: Path) -> None:
    (info,) = unpacked.glob("*.dist-info")
    folder = info / "licenses" / "third_party"
    folder.mkdir(parents=True, exist_ok=True)
    libraries = sorted(path.name for path in unpacked.glob("*.libs/*"))
    for library in libraries:
        package = package_of(library)
        (folder / f"{package}.txt").write_text(debian_text(package))
    for package in HEADER_PACKAGES:
        (folder / f"{package}.txt").write_text(debian_text(package))
    for name in HEADER_DISTRIBUTIONS:
        (folder / f"{name}.txt").write_text(distribution_text(name))


def main() -> None:
    (wheel,) = [Path(argument) for argument in sys.argv[1:]]
    tool = [sys.executable, "-m", "wheel"]
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            [*tool, "unpack", "-d", folder, wheel], check=True, stdout=subprocess.DEVNULL
        )
        (unpacked,) = Path(folder).iterdir()
        add_texts(unpacked)
        wheel.unlink()
        subprocess.run(
            [*tool, "pack", "-d", wheel.parent, unpacked], check=True, stdout=subprocess.DEVNULL
        )


if __name__ == "__main__":
    main()
