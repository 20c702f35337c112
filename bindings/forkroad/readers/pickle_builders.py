"""What a pickle may name, and how it is built without calling it.

Each global that plain data needs has a function of ours in its place. Names were taken from files
of ScenarioNet and Waymax and from what numpy 1 and 2 write (`ndarray.__reduce__`).
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field

import numpy as np

from forkroad.readers.read_error import shown

# Classes of these packages become Records: names and fields, no behaviour.
_INERT_PACKAGES = ("waymax", "jax", "jaxlib", "flax", "chex", "metadrive", "scenarionet")

# Booleans, integers, floats and fixed-width texts: what holds no pointers.
_PLAIN_DTYPE = re.compile(r"[<>=|]?(?:\?|b1|[iu][1248]|f[248]|[US]\d{1,4})")
_MAX_DIMENSIONS = 8
_QUALIFIED_NAME = re.compile(r"[A-Za-z0-9_.]{1,256}")


class RefusalError(Exception):
    """A pickle asks for what this reader does not build."""

    def __init__(self, message: str, code: str = "wrong_content") -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Global:
    """A name in a pickle: `module.name`, nothing imported."""

    name: str


@dataclass
class Record:
    """An object of a class that is known by name only."""

    name: str  # module.Class
    arguments: tuple = ()
    fields: dict = field(default_factory=dict)


class ArrayShell:
    """An array between its creation and its BUILD opcode."""

    def __init__(self) -> None:
        self.array: np.ndarray | None = None


class DtypeShell:
    """A dtype, whose byte order comes with its BUILD opcode."""

    def __init__(self, dtype: np.dtype) -> None:
        self.dtype = dtype


def find_global(module: str, name: str) -> Global:
    """The named global, if it is known to be plain data or inert."""
    full = f"{module}.{name}"
    if not _QUALIFIED_NAME.fullmatch(full):
        raise RefusalError(f"names the global {shown(full)}, which is no name", "bad_encoding")
    inert = module.split(".", 1)[0] in _INERT_PACKAGES
    if full not in _CALLS and full not in _NAMES and not inert:
        raise RefusalError(
            f"names the global {shown(full)}, which is no plain data: this file may run code when "
            "it is opened elsewhere"
        )
    return Global(full)


def call_global(target: Global, arguments: tuple) -> object:
    """What calling the global with these arguments would return."""
    builder = _CALLS.get(target.name)
    if builder is not None:
        return builder(*_expect_arguments(target.name, arguments))
    return make_record(target, arguments)


def make_record(target: Global, arguments: tuple) -> Record:
    """An object of an inert class."""
    if target.name in _CALLS or target.name in _NAMES:
        raise RefusalError(f"makes an object of {target.name}")
    return Record(target.name, arguments)


def build(target: object, state: object) -> object:
    """An object after its state was set."""
    if type(target) is ArrayShell:
        target.array = _array_of_state(state)
        return target.array
    if type(target) is DtypeShell:
        _set_byte_order(target, state)
        return target
    if type(target) is Record:
        parts = state if type(state) is tuple else (state,)
        for part in parts:
            if part is not None and type(part) is not dict:
                raise RefusalError(f"sets {shown(part)} as the state of {target.name}")
            target.fields.update(part or {})
        return target
    raise RefusalError(f"sets a state of {shown(target)}")


def _is_text(value: object, *options: str) -> bool:
    # the type first: to compare an array would give an array
    return type(value) is str and value in options


def _is_global(value: object, *names: str) -> bool:
    return type(value) is Global and value.name in names


# -- numpy ----------------------------------------------------------------------------------------


def _new_array(kind: object, shape: object, code: object) -> ArrayShell:
    if not _is_global(kind, "numpy.ndarray"):
        raise RefusalError(f"makes an array of {shown(kind)}")
    return ArrayShell()


def _new_dtype(name: object, align: object = False, copy: object = True) -> DtypeShell:
    if type(name) is not str or not _PLAIN_DTYPE.fullmatch(name):
        raise RefusalError(
            f"makes an array of dtype {shown(name)}, expected plain numbers or texts"
        )
    return DtypeShell(np.dtype(name))


def _set_byte_order(shell: DtypeShell, state: object) -> None:
    order = state[1] if type(state) is tuple and len(state) > 1 else None
    if not _is_text(order, "<", ">", "=", "|"):
        raise RefusalError(f"sets {shown(state)} as the state of a dtype")
    # '|' is the order of single bytes: nothing to swap
    shell.dtype = shell.dtype.newbyteorder(order)


def _array_of_state(state: object) -> np.ndarray:
    if type(state) is not tuple or len(state) != 5:
        raise RefusalError(f"sets {shown(state)} as the state of an array")
    _, shape, dtype, is_fortran, raw = state
    return _array(raw, dtype, shape, "F" if is_fortran is True else "C")


def _array(raw: object, dtype: object, shape: object, order: object = "C") -> np.ndarray:
    if type(dtype) is not DtypeShell:
        raise RefusalError(f"makes an array of {shown(dtype)}, expected a dtype")
    if type(raw) is not bytes:
        raise RefusalError(f"fills an array with {shown(raw)}, expected bytes")
    sizes = shape if type(shape) is tuple else (shape,)
    is_shape = all(type(size) is int and 0 <= size < 1 << 40 for size in sizes)
    if not is_shape or len(sizes) > _MAX_DIMENSIONS or not _is_text(order, "C", "F"):
        raise RefusalError("makes an array of a shape that no array has")
    expected = math.prod(sizes) * dtype.dtype.itemsize
    if len(raw) != expected:
        raise RefusalError(
            f"an array of shape {list(sizes)} and dtype {dtype.dtype.str} has {len(raw)} bytes, "
            f"expected {expected}",
            "inconsistent",
        )
    try:
        flat = np.frombuffer(raw, dtype.dtype) if raw else np.zeros(0, dtype.dtype)
        return flat.reshape(sizes, order=order)
    except ValueError as error:
        raise RefusalError("makes an array of a shape that no array has") from error


def _scalar(dtype: object, raw: object = b"") -> object:
    return _array(raw, dtype, (1,)).item()


def _jax_array(function: object, arguments: object, state: object, aval: object) -> np.ndarray:
    # jax keeps a numpy array and how to make it
    if type(function) is not Global or not function.name.endswith("multiarray._reconstruct"):
        raise RefusalError(f"makes a jax array of {shown(function)}")
    return _array_of_state(state)


# -- the standard library -------------------------------------------------------------------------


def _encode(text: object, encoding: object) -> bytes:
    # protocol 2 writes bytes as text
    if type(text) is not str or not _is_text(encoding, "latin1"):
        raise RefusalError(f"encodes {shown(text)}")
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError as error:
        raise RefusalError("encodes a text beyond latin-1", "bad_encoding") from error


def _new_bytes() -> bytes:
    # protocols 0 to 2 write empty bytes so
    return b""


def _new_dict(factory: object = None) -> dict:
    if type(factory) is not Global and factory is not None:
        raise RefusalError(f"makes a dict of {shown(factory)}")
    return {}


def _new_set(values: object = ()) -> set:
    if type(values) not in (list, tuple) or not all(type(value) in (str, int) for value in values):
        raise RefusalError("makes a set of values that are no texts or integers")
    return set(values)


def _reconstructor(kind: object, base: object, state: object) -> Record:
    # protocols 0 and 1 make objects so
    if type(kind) is not Global or not _is_global(base, "builtins.object", "__builtin__.object"):
        raise RefusalError(f"makes an object of {shown(kind)}")
    return make_record(kind, ())


_CALLS = {
    "numpy.core.multiarray._reconstruct": _new_array,
    "numpy._core.multiarray._reconstruct": _new_array,
    "numpy.dtype": _new_dtype,
    "numpy.core.multiarray.scalar": _scalar,
    "numpy._core.multiarray.scalar": _scalar,
    "numpy.core.numeric._frombuffer": _array,
    "numpy._core.numeric._frombuffer": _array,
    "jax._src.array._reconstruct_array": _jax_array,
    "_codecs.encode": _encode,
    "builtins.bytes": _new_bytes,
    "__builtin__.bytes": _new_bytes,
    "collections.OrderedDict": _new_dict,
    "collections.defaultdict": _new_dict,
    "builtins.set": _new_set,
    "builtins.frozenset": _new_set,
    "__builtin__.set": _new_set,
    "__builtin__.frozenset": _new_set,
    "copyreg._reconstructor": _reconstructor,
    "copy_reg._reconstructor": _reconstructor,
}

# Globals that stand for themselves: classes that others are given as arguments.
_NAMES = frozenset(
    {"numpy.ndarray", "__builtin__.object"}
    | {f"builtins.{name}" for name in ("object", "int", "float", "str", "bool", "list", "dict")}
)


def _expect_arguments(name: str, arguments: tuple) -> tuple:
    least, most = _ARITIES[name]
    if not least <= len(arguments) <= most:
        raise RefusalError(f"calls {name} with {len(arguments)} arguments", "bad_encoding")
    return arguments


def _arity(builder) -> tuple[int, int]:
    most = builder.__code__.co_argcount
    return most - len(builder.__defaults__ or ()), most


_ARITIES = {name: _arity(builder) for name, builder in _CALLS.items()}
