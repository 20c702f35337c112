"""The pickle machine: plain data comes out as it went in, anything else is refused by name."""

import builtins
import collections
import os
import pickle
import random
import struct
import sys

import forkroad
import numpy as np
import pytest
from forkroad.readers import pickle_machine
from forkroad.readers.pickle_builders import Record
from forkroad.readers.plain_pickle import load_plain
from forkroad.readers.read_error import ReadError
from scenarionet_scenario import scenario

PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)


def refusal(data):
    with pytest.raises(ReadError) as caught:
        load_plain(data)
    error = caught.value
    assert "\n" not in str(error)
    assert len(str(error)) < 400
    assert 0 <= error.byte_offset <= len(data)
    return error.code, str(error)


def same(one, two):
    if isinstance(two, np.ndarray):
        return isinstance(one, np.ndarray) and one.dtype == two.dtype and np.array_equal(one, two)
    if type(one) is not type(two):
        return False
    if isinstance(two, dict):
        return one.keys() == two.keys() and all(same(one[key], two[key]) for key in two)
    if isinstance(two, list | tuple):
        return len(one) == len(two) and all(map(same, one, two))
    return one == two or one != one


PLAIN = {
    "scalars": [None, True, False, 0, 255, 256, 65536, -1, 1 << 62, -(1 << 63), 1.5, float("inf")],
    "texts": ["", "a", "x" * 300, "stra\u00dfe \U0001f6b2", b"", b"\x00\xff", b"y" * 300],
    "nested": ({"a": [1, (2, 3, 4, 5), []]}, (), (1,), (1, 2), {1: {2: {}}}),
    "sets": [set(), {"a", "b"}, {1, 2}],
    "arrays": [
        np.arange(12, dtype=np.float32).reshape(3, 4),
        np.asfortranarray(np.arange(12, dtype=">i4").reshape(3, 4)),
        np.array([True, False]),
        np.array(["LANE_STATE_GO", ""]),
        np.zeros((0, 3)),
        np.zeros((3, 0, 2), np.int8),
        np.array(3, np.int32),
        np.arange(5, dtype=np.float16)[::2],
    ],
}


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("name", PLAIN)
def test_plain_data_comes_out_as_it_went_in(name, protocol):
    assert same(load_plain(pickle.dumps(PLAIN[name], protocol)), PLAIN[name])


def test_what_is_shared_stays_shared():
    row = [1, 2]
    array = np.arange(4)
    one, two, three, four = load_plain(pickle.dumps([row, row, array, array]))
    assert one is two
    assert three is four
    loop = []
    loop.append(loop)
    loaded = load_plain(pickle.dumps(loop))
    assert loaded[0] is loaded


def test_dicts_of_collections_become_dicts_and_numbers_of_numpy_numbers():
    ordered = collections.OrderedDict(a=1, b=[2])
    counted = collections.defaultdict(int, a=3)
    assert load_plain(pickle.dumps([ordered, counted])) == [{"a": 1, "b": [2]}, {"a": 3}]
    scalars = [np.float32(1.5), np.int64(7), np.bool_(True), np.str_("word")]
    loaded = load_plain(pickle.dumps(scalars))
    assert loaded == [1.5, 7, True, "word"]
    assert [type(value) for value in loaded] == [float, int, bool, str]


def test_a_whole_scenario_comes_out_as_it_went_in():
    assert same(load_plain(pickle.dumps(scenario())), scenario())


def test_classes_of_simulators_become_inert_records():
    data = b"\x80\x04\x8c\x11waymax.datatypes.x\x8c\x05State\x93)\x81}\x8c\x01a\x4b\x07sb."
    data = data.replace(b"\x11waymax", b"\x12waymax")
    record = load_plain(data)
    assert record == Record("waymax.datatypes.x.State", (), {"a": 7})


class Call:
    """Pickles as a call of anything."""

    def __init__(self, function, *arguments):
        self.function, self.arguments = function, arguments

    def __reduce__(self):
        return self.function, self.arguments


HOSTILE = {
    "system": (Call(os.system, "touch pwned"), f"{os.name}.system"),
    "eval": (Call(eval, "1 + 1"), "builtins.eval"),
    "exec": (Call(exec, "import os"), "builtins.exec"),
    "getattr": (Call(getattr, "", "join"), "builtins.getattr"),
    "import": (Call(builtins.__import__, "os"), "builtins.__import__"),
    "open": (Call(open, "pwned", "w"), "io.open"),
    "setattr": (Call(setattr, Call, "x", 1), "builtins.setattr"),
    "exit": (Call(sys.exit, 1), "sys.exit"),
    "type": (Call(type, "A", (), {}), "builtins.type"),
    "loads": (Call(pickle.loads, b""), "_pickle.loads"),
    "npload": (Call(np.load, "pwned.npy"), "numpy.load"),
    "memmap": (Call(np.memmap, "pwned", "u1", "w+", 0, 9), "numpy.memmap"),
}


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("name", HOSTILE)
def test_a_pickle_that_names_a_function_is_refused_by_that_name(
    name, protocol, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    value, function = HOSTILE[name]
    code, text = refusal(pickle.dumps({"tracks": value}, protocol))
    assert code == "wrong_content"
    module, _, last = function.rpartition(".")
    if protocol < 3:  # which names the modules of Python 2
        module = {"builtins": "__builtin__", "_pickle": "pickle", "io": ""}.get(module, module)
    assert f"{module}.{last}"[-len(function) :].split("'")[0] in text
    assert "no plain data" in text
    assert not list(tmp_path.iterdir())


def global_of(module, name, protocol=2):
    """The bytes that push a global."""
    return f"c{module}\n{name}\n".encode() if protocol < 4 else (
        b"\x8c" + bytes([len(module)]) + module.encode() + b"\x8c" + bytes([len(name)])
        + name.encode() + b"\x93"
    )  # fmt: skip


RECONSTRUCT = global_of("numpy.core.multiarray", "_reconstruct")
NDARRAY = global_of("numpy", "ndarray")
DTYPE = global_of("numpy", "dtype")
EMPTY_ARRAY = RECONSTRUCT + b"(" + NDARRAY + b"K\x00\x85C\x01bt" + b"R"


def dtype_of(name):
    return DTYPE + b"X" + struct.pack("<I", len(name)) + name.encode() + b"K\x00K\x01\x87R"


def array_of(shape, dtype, raw):
    """A pickle of an array whose parts need not fit."""
    sizes = b"".join(b"\x8a\x08" + struct.pack("<q", size) for size in shape)
    state = b"(K\x01(" + sizes + b"t" + dtype_of(dtype) + b"\x89" + raw + b"tb."
    return b"\x80\x02" + EMPTY_ARRAY + state


@pytest.mark.parametrize(
    ("data", "code", "text"),
    [
        # a dotted name reaches attributes in protocol 4: os hides in many modules
        (b"\x80\x04" + global_of("numpy", "f2py.os.system", 4) + b".", "wrong_content",
         "numpy.f2py.os.system"),
        (b"\x80\x04" + global_of("builtins", "int.__class__", 4) + b".", "wrong_content",
         "builtins.int.__class__"),
        # relative and odd names
        (b"\x80\x04" + global_of("waymax ", "x", 4) + b".", "bad_encoding", "which is no name"),
        (b"cwaymax\r\nx\n.", "bad_encoding", "which is no name"),
        (b"\x80\x04K\x01K\x02\x93.", "bad_encoding", "a name that is no text"),
        # names that look like the inert ones
        (b"cwaymaxx.y\nz\n.", "wrong_content", "waymaxx.y.z"),
        (b"cjaxo\nsystem\n.", "wrong_content", "jaxo.system"),
        # calling what only stands for itself, or no global at all
        (b"cbuiltins\nint\n(I5\ntR.", "wrong_content", "makes an object of builtins.int"),
        (b"\x80\x02]K\x01\x85R.", "wrong_content", "calls a value of type list"),
        (b"\x80\x02" + NDARRAY + b")\x81.", "wrong_content", "numpy.ndarray"),
        (b"\x80\x02X\x01\x00\x00\x00a)\x81.", "wrong_content", "makes an object of 'a'"),
        (b"\x80\x04" + global_of("waymax", "x", 4) + b")}K\x01K\x02s\x92.", "wrong_content",
         "keyword arguments"),
        (b"(ios\nsystem\n.", "wrong_content", "os.system"),
        (b"(cos\nsystem\nX\x01\x00\x00\x00ao.", "wrong_content", "os.system"),
        # states
        (b"\x80\x02]}b.", "wrong_content", "sets a state of a value of type list"),
        (b"\x80\x02" + NDARRAY + b"}b.", "wrong_content", "sets a state of a value of type Global"),
        (b"\x80\x02cwaymax\nx\n)\x81K\x05b.", "wrong_content", "sets 5 as the state of waymax.x"),
        # what comes from outside of the file
        (b"\x80\x02Pid\n.", "wrong_content", "a persistent id"),
        (b"\x80\x02K\x01Q.", "wrong_content", "a persistent id"),
        (b"\x80\x02\x82\x01.", "wrong_content", "an extension code"),
        (b"\x80\x02\x83\x01\x00.", "wrong_content", "an extension code"),
        (b"\x80\x02\x84\x01\x00\x00\x00.", "wrong_content", "an extension code"),
        (b"\x80\x05\x97.", "wrong_content", "an out-of-band buffer"),
        (b"\x80\x06N.", "unsupported_format", "protocol 6"),
        # arrays
        (array_of([1], "O8", b"]"), "wrong_content", "dtype 'O8'"),
        (array_of([1], "V8", b"C\x08" + bytes(8)), "wrong_content", "dtype 'V8'"),
        (array_of([1], "M8[ns]", b"C\x08" + bytes(8)), "wrong_content", "dtype 'M8[ns]'"),
        (array_of([1], "f4,O", b"C\x08" + bytes(8)), "wrong_content", "dtype 'f4,O'"),
        (array_of([2], "f4", b"C\x04" + bytes(4)), "inconsistent", "4 bytes, expected 8"),
        (array_of([1 << 39, 1 << 39], "f8", b"C\x00"), "inconsistent", "0 bytes"),
        (array_of([1 << 39, 1 << 39, 0], "f8", b"C\x00"), "wrong_content", "no array has"),
        (array_of([-1], "f4", b"C\x00"), "wrong_content", "no array has"),
        (array_of([1] * 9, "f4", b"C\x04" + bytes(4)), "wrong_content", "no array has"),
        (array_of([1], "f4", b"]"), "wrong_content", "fills an array with a value of type list"),
        (b"\x80\x02" + EMPTY_ARRAY + b"K\x01b.", "wrong_content", "state of an array"),
        (b"\x80\x02" + RECONSTRUCT + b"(" + DTYPE + b"K\x00\x85C\x01btR.", "wrong_content",
         "makes an array of"),
        (b"\x80\x02" + RECONSTRUCT + b")R.", "bad_encoding", "with 0 arguments"),
        (b"\x80\x02" + dtype_of("f4") + b"(K\x03X\x01\x00\x00\x00?tb.", "wrong_content",
         "state of a dtype"),
        # keys whose hash could take any time
        (b"\x80\x02}K\x01\x85K\x01s.", "wrong_content", "a value of type tuple as a key"),
        (b"\x80\x02}\x8a\x09" + b"\x01" * 9 + b"K\x01s.", "wrong_content", "as a key"),
        (b"\x80\x04\x8f(]\x90.", "wrong_content", "as a key"),
        # broken machines
        (b"", "truncated", "without its STOP"),
        (b"\x80\x02", "truncated", "without its STOP"),
        (b".", "bad_encoding", "empty stack"),
        (b"\x80\x02NN.", "bad_encoding", "1 values are left over"),
        (b"\x80\x02N.N", "bad_encoding", "1 bytes follow"),
        (b"\x80\x02\xff.", "bad_encoding", "byte 0xff is no opcode"),
        (b"\x80\x02h\x05.", "bad_encoding", "recalls value 5"),
        (b"\x80\x02N(.", "bad_encoding", "empty stack"),
        (b"\x80\x02Nt.", "bad_encoding", "no mark"),
        (b"\x80\x02NNa.", "bad_encoding", "adds to None as if it were a list"),
        (b"\x80\x02](K\x01u.", "bad_encoding", "a key without a value"),
        (b"\x80\x02](K\x01K\x02u.", "bad_encoding", "as if it were a dict"),
        (b"\x80\x02X\x02\x00\x00\x00\xff\xfe.", "bad_encoding", "not UTF-8"),
        (b"I1x\n.", "bad_encoding", "no integer"),
        (b"Fx\n.", "bad_encoding", "no number"),
        (b"I" + b"9" * 5000 + b"\n.", "bad_encoding", "has no end"),
        (b"S'a\\x41'\n.", "bad_encoding", "not plain ASCII"),
        # announced lengths that the file does not have
        (b"\x80\x04\x8e" + b"\xff" * 8 + b".", "truncated", "bytes are announced"),
        (b"\x80\x04\x8d" + struct.pack("<Q", 1 << 40) + b".", "truncated", "announced"),
        (b"\x80\x05\x96" + struct.pack("<Q", 1 << 62) + b".", "truncated", "announced"),
        (b"\x80\x02B\xff\xff\xff\xff.", "truncated", "announced"),
        (b"\x80\x02T\xff\xff\xff\xff.", "bad_encoding", "a length is -1"),
        (b"\x80\x02\x8b\xff\xff\xff\x7f.", "too_large", "an integer of 2147483647 bytes"),
        (b"\x80\x02\x8b\xff\xff\xff\xff.", "too_large", "an integer of -1 bytes"),
    ],
)  # fmt: skip
def test_what_is_no_plain_pickle_is_refused(data, code, text):
    got, message = refusal(data)
    assert (got, text in message) == (code, True), (got, message)


def test_memo_numbers_reserve_nothing():
    assert load_plain(b"\x80\x02Nr\xff\xff\xff\xff0j\xff\xff\xff\xff.") is None


def test_depth_costs_no_recursion():
    depth = 1_000_000
    value = load_plain(b"\x80\x02" + b"]" * depth + b"a" * (depth - 1) + b".")
    for _ in range(depth - 1):
        (value,) = value
    assert value == []
    assert load_plain(b"\x80\x02N" + b"\x85" * depth + b".")[0] is not None


def test_objects_and_opcodes_are_counted(monkeypatch):
    monkeypatch.setattr(pickle_machine, "MAX_MEMORY", 100_000)
    assert refusal(b"\x80\x04" + b"\x8f" * 1000 + b".")[0] == "too_large"
    # a list that is doubled again and again: 4 bytes each time
    double = b"\x80\x02](K\x01K\x01e" + b"q\x00" + b"](h\x00h\x00e" * 10 + b"."
    assert refusal(double)[0] == "bad_encoding"
    monkeypatch.setattr(pickle_machine, "MAX_OPCODES", 100)
    assert refusal(b"\x80\x02" + b"N0" * 100 + b"N.")[0] == "too_large"


def outcome(data):
    """What loading gives: a value or a ReadError, nothing else."""
    try:
        return load_plain(data)
    except ReadError as error:
        assert "\n" not in str(error)
        return error


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_pickle_cut_off_anywhere_is_truncated_or_damaged(protocol):
    data = pickle.dumps({key: scenario()[key] for key in ("tracks", "metadata")}, protocol)
    for size in range(len(data)):
        error = outcome(data[:size])
        assert isinstance(error, ReadError), size
        assert error.code in ("truncated", "bad_encoding"), (size, str(error))


def flipped(data, seed, count):
    """Copies of `data` with one to three bits changed."""
    draw = random.Random(seed)
    for _ in range(count):
        damaged = bytearray(data)
        for _ in range(draw.randint(1, 3)):
            damaged[draw.randrange(len(damaged))] ^= 1 << draw.randrange(8)
        yield bytes(damaged)


@pytest.mark.parametrize("protocol", [0, 2, 4, 5])
def test_flipped_bits_give_a_scene_or_one_error(protocol, tmp_path):
    data = pickle.dumps(scenario(), protocol)
    file = tmp_path / "log.pkl"
    scenes = errors = 0
    for damaged in flipped(data, seed=protocol, count=600):
        outcome(damaged)
        file.write_bytes(damaged)
        (item,) = forkroad.open_scenes(file)
        scenes += isinstance(item, forkroad.Scene)
        errors += isinstance(item, forkroad.ParseError)
    assert scenes > 0
    assert errors > 0


def test_random_bytes_give_a_value_or_one_error():
    draw = random.Random(3)
    opcodes = bytes(code for code in range(256) if bytes([code]) in pickle_opcodes())
    for _ in range(3000):
        body = bytes(draw.choice(opcodes) for _ in range(draw.randint(1, 60)))
        outcome(b"\x80\x04" + body + b".")


def pickle_opcodes():
    import pickletools

    return {opcode.code.encode("latin-1") for opcode in pickletools.opcodes}
