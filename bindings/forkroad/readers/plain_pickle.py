"""A pickle reader that cannot run anything: a small stack machine of its own.

`pickle` calls whatever a file names. This machine knows the opcodes of protocols 0 to 5
(https://docs.python.org/3/library/pickletools.html) and builds numbers, texts, bytes, lists,
tuples, dicts, sets and numpy arrays itself (`pickle_builders`). Classes of the simulators that
write such files become inert `Record`s; any other global is refused by name, before anything that
follows it is looked at. Nothing is imported, called or hashed on a file's behalf but the plain
values themselves.

Time and memory are bounded: a declared length must lie within the file, opcodes are counted, and
every object is charged to a budget.
"""

from __future__ import annotations

import struct

from forkroad.readers.pickle_builders import (
    ArrayShell,
    Global,
    RefusalError,
    build,
    call_global,
    find_global,
    make_record,
)
from forkroad.readers.read_error import ReadError, shown

# A log of 200 road users over 20 s takes 0.2 million opcodes.
MAX_OPCODES = 1 << 24
# Bytes of objects that one file may ask for; arrays in it are views of the file's own bytes.
MAX_MEMORY = 1 << 30
# Digits of a number written as text; no number in a log is longer.
_MAX_DIGITS = 64
_MAX_LONG = 16  # bytes of a binary integer

# Charges in bytes: roughly what CPython takes.
_OBJECT, _ITEM, _ENTRY, _TEXT = 64, 8, 100, 64
_SET = 216

_KEYS = (str, bytes, int, float, bool, type(None))


def load_plain(data: bytes) -> object:
    """The value that a pickle holds. Raises ReadError: `wrong_content` for a pickle that names
    anything but plain data, `truncated`, `bad_encoding` or `too_large`, with the byte offset."""
    return _Machine(data).run()


class _Mark:
    """Not a value: where a run of values begins on the stack."""


_MARK = _Mark()


class _Machine:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0  # next byte
        self._opcode_at = 0
        self._stack: list = []
        self._memo: dict[int, object] = {}
        self._room = MAX_MEMORY
        self._stopped = False

    def run(self) -> object:
        data, size = self._data, len(self._data)
        actions = _ACTIONS
        for _ in range(MAX_OPCODES):
            at = self._opcode_at = self._at
            if at >= size:
                self.fail("truncated", "the pickle ends without its STOP opcode")
            self._at = at + 1
            action = actions[data[at]]
            if action is None:
                self.fail("bad_encoding", f"byte {data[at]:#04x} is no opcode of a pickle")
            try:
                action(self)
            except RefusalError as refused:
                self.fail(refused.code, str(refused))
            if self._room < 0:
                self.fail("too_large", f"asks for more than {MAX_MEMORY} bytes of objects")
            if self._stopped:
                return self._finish()
        return self.fail("too_large", f"has more than {MAX_OPCODES} opcodes")

    def fail(self, code: str, message: str) -> object:
        raise ReadError(code, f"pickle: {message}", self._opcode_at)

    def _finish(self) -> object:
        value = self.pop()
        if self._stack:
            self.fail("bad_encoding", f"{len(self._stack)} values are left over at its STOP opcode")
        if self._at != len(self._data):
            self.fail("bad_encoding", f"{len(self._data) - self._at} bytes follow its STOP opcode")
        return value

    # -- bytes --------------------------------------------------------------------------------

    def take(self, count: int) -> bytes:
        begin, end = self._at, self._at + count
        if end > len(self._data):
            left = len(self._data) - begin
            self.fail("truncated", f"{count} bytes are announced, {left} are left")
        self._at = end
        return self._data[begin:end]

    def number(self, layout: str) -> int:
        return struct.unpack(layout, self.take(struct.calcsize(layout)))[0]

    def line(self, limit: int = 1024) -> bytes:
        end = self._data.find(b"\n", self._at, self._at + limit)
        if end < 0:
            ended = self._at + limit > len(self._data)
            self.fail("truncated" if ended else "bad_encoding", "a line of text has no end")
        text = self._data[self._at : end]
        self._at = end + 1
        return text

    def text(self, raw: bytes) -> str:
        try:
            # pickle lets lone surrogates through; a text of a log has none
            return raw.decode("utf-8")
        except UnicodeDecodeError as error:
            self.fail("bad_encoding", f"a text is not UTF-8: {error.reason}")
            raise

    # -- stack --------------------------------------------------------------------------------

    def push(self, value: object, charge: int = _OBJECT) -> None:
        self._room -= charge
        self._stack.append(value)

    def pop(self) -> object:
        if not self._stack or self._stack[-1] is _MARK:
            self.fail("bad_encoding", "takes a value from an empty stack")
        return self._stack.pop()

    def top(self) -> object:
        if not self._stack or self._stack[-1] is _MARK:
            self.fail("bad_encoding", "uses a value of an empty stack")
        return self._stack[-1]

    def pop_to_mark(self) -> list:
        stack = self._stack
        for begin in range(len(stack) - 1, -1, -1):
            if stack[begin] is _MARK:
                values = stack[begin + 1 :]
                del stack[begin:]
                self._room -= _ITEM * len(values)
                return values
        return self.fail("bad_encoding", "has no mark on its stack")

    def target(self, kind: type) -> object:
        value = self.top()
        if type(value) is not kind:
            self.fail("bad_encoding", f"adds to {shown(value)} as if it were a {kind.__name__}")
        return value

    # -- memo ---------------------------------------------------------------------------------

    def remember(self, index: int) -> None:
        self._room -= _ENTRY
        self._memo[index] = self.top()

    def recall(self, index: int) -> None:
        value = self._memo.get(index, _MARK)
        if value is _MARK:
            self.fail("bad_encoding", f"recalls value {index}, which it has not stored")
        # an array is memoised before it is filled
        if type(value) is ArrayShell and value.array is not None:
            value = value.array
        self.push(value, _ITEM)

    # -- containers ---------------------------------------------------------------------------

    def append(self, values: list) -> None:
        self.target(list).extend(values)
        self._room -= _ITEM * len(values)

    def set_items(self, values: list) -> None:
        if len(values) % 2:
            self.fail("bad_encoding", "a dict has a key without a value")
        target = self.target(dict)
        for at in range(0, len(values), 2):
            target[self._key(values[at])] = values[at + 1]
        self._room -= _ENTRY * (len(values) // 2)

    def add_items(self, values: list) -> None:
        self.target(set).update([self._key(value) for value in values])
        self._room -= _ENTRY * len(values)

    def _key(self, value: object) -> object:
        # hashes of other values could take any time: nested tuples, huge integers
        if type(value) not in _KEYS or (type(value) is int and value.bit_length() > 64):
            self.fail("wrong_content", f"a dict or set holds {shown(value)} as a key")
        return value

    # -- objects ------------------------------------------------------------------------------

    def find_global(self, module: object, name: object) -> None:
        if type(module) is not str or type(name) is not str:
            self.fail("bad_encoding", "a global has a name that is no text")
        self.push(find_global(module, name))

    def call(self, target: object, arguments: object) -> None:
        if type(target) is not Global:
            self.fail("wrong_content", f"calls {shown(target)}")
        if type(arguments) is not tuple:
            self.fail("bad_encoding", f"calls {target.name} without a tuple of arguments")
        self.push(call_global(target, arguments), _SET)

    def make(self, target: object, arguments: tuple) -> None:
        if type(target) is not Global:
            self.fail("wrong_content", f"makes an object of {shown(target)}")
        self.push(make_record(target, arguments), _SET)

    def build(self) -> None:
        state = self.pop()
        self._stack[-1:] = [build(self.top(), state)]

    def stop(self) -> None:
        self._stopped = True


def _digits(machine: _Machine) -> int:
    raw = machine.line(_MAX_DIGITS).rstrip(b"L")
    body = raw[1:] if raw[:1] in (b"-", b"+") else raw
    if not body.isdigit():
        machine.fail("bad_encoding", f"{shown(raw)} is no integer")
    return int(raw)


def _push_int_line(machine: _Machine) -> None:
    start = machine._at
    raw = machine.line(_MAX_DIGITS)
    if raw in (b"00", b"01"):  # protocol 0 spells False and True so
        machine.push(raw == b"01")
        return
    machine._at = start
    machine.push(_digits(machine))


def _push_float_line(machine: _Machine) -> None:
    raw = machine.line(_MAX_DIGITS)
    try:
        machine.push(float(raw))
    except ValueError:
        machine.fail("bad_encoding", f"{shown(raw)} is no number")


def _push_string_line(machine: _Machine) -> None:
    raw = machine.line(1 << 16)
    quoted = len(raw) >= 2 and raw[:1] == raw[-1:] and raw[:1] in (b"'", b'"')
    if not quoted or b"\\" in raw or not raw.isascii():
        machine.fail("bad_encoding", "a quoted text is not plain ASCII")
    machine.push(raw[1:-1].decode("ascii"), _TEXT + len(raw))


def _push_unicode_line(machine: _Machine) -> None:
    raw = machine.line(1 << 16)
    if b"\\" in raw:
        machine.fail("bad_encoding", "a text has escapes, expected plain UTF-8")
    machine.push(machine.text(raw), _TEXT + len(raw))


def _push_sized(machine: _Machine, layout: str, convert) -> None:
    size = machine.number(layout)
    if size < 0:
        machine.fail("bad_encoding", f"a length is {size}, expected >= 0")
    raw = machine.take(size)
    machine.push(convert(machine, raw), _TEXT + size)


def _push_long(machine: _Machine, layout: str) -> None:
    size = machine.number(layout)
    if not 0 <= size <= _MAX_LONG:
        machine.fail("too_large", f"an integer of {size} bytes, expected at most {_MAX_LONG}")
    machine.push(int.from_bytes(machine.take(size), "little", signed=True))


def _push_tuple(machine: _Machine, size: int) -> None:
    values = [machine.pop() for _ in range(size)]
    machine.push(tuple(reversed(values)), _OBJECT + _ITEM * size)


def _push_dict(machine: _Machine) -> None:
    values = machine.pop_to_mark()
    machine.push({})
    machine.set_items(values)


def _push_instance(machine: _Machine) -> None:
    module, name = machine.text(machine.line()), machine.text(machine.line())
    arguments = tuple(machine.pop_to_mark())
    machine.make(find_global(module, name), arguments)


def _push_object(machine: _Machine) -> None:
    values = machine.pop_to_mark()
    if not values:
        machine.fail("bad_encoding", "makes an object of no class")
    machine.make(values[0], tuple(values[1:]))


def _push_new(machine: _Machine, has_keywords: bool) -> None:
    keywords = machine.pop() if has_keywords else {}
    arguments = machine.pop()
    if type(keywords) is not dict or keywords or type(arguments) is not tuple:
        machine.fail("wrong_content", "makes an object with keyword arguments")
    machine.make(machine.pop(), arguments)


def _push_stack_global(machine: _Machine) -> None:
    name = machine.pop()
    machine.find_global(machine.pop(), name)


def _check_protocol(machine: _Machine) -> None:
    protocol = machine.number("<B")
    if protocol > 5:
        machine.fail("unsupported_format", f"protocol {protocol}, expected at most 5")


def _refuse(what: str):
    return lambda machine: machine.fail("wrong_content", f"holds {what}, which is no plain data")


def _reduce(machine: _Machine) -> None:
    arguments = machine.pop()
    machine.call(machine.pop(), arguments)


def _frozen_set(machine: _Machine) -> None:
    values = machine.pop_to_mark()
    machine.push(set(), _SET)
    machine.add_items(values)


_AS_TEXT = _Machine.text
_AS_LATIN = lambda machine, raw: raw.decode("latin-1")  # noqa: E731
_AS_BYTES = lambda machine, raw: raw  # noqa: E731

_OPCODES = {
    b"(": lambda m: m._stack.append(_MARK),
    b".": _Machine.stop,
    b"0": lambda m: m._stack.pop() if m._stack else m.pop(),
    b"1": _Machine.pop_to_mark,
    b"2": lambda m: m.push(m.top(), _ITEM),
    b"F": _push_float_line,
    b"I": _push_int_line,
    b"J": lambda m: m.push(m.number("<i")),
    b"K": lambda m: m.push(m.number("<B"), _ITEM),
    b"L": lambda m: m.push(_digits(m)),
    b"M": lambda m: m.push(m.number("<H")),
    b"N": lambda m: m.push(None, _ITEM),
    b"P": _refuse("a persistent id"),
    b"Q": _refuse("a persistent id"),
    b"R": _reduce,
    b"S": _push_string_line,
    b"T": lambda m: _push_sized(m, "<i", _AS_LATIN),
    b"U": lambda m: _push_sized(m, "<B", _AS_LATIN),
    b"V": _push_unicode_line,
    b"X": lambda m: _push_sized(m, "<I", _AS_TEXT),
    b"a": lambda m: m.append([m.pop()]),
    b"b": _Machine.build,
    b"c": lambda m: m.find_global(m.text(m.line()), m.text(m.line())),
    b"d": _push_dict,
    b"}": lambda m: m.push({}),
    b"e": lambda m: m.append(m.pop_to_mark()),
    b"g": lambda m: m.recall(_digits(m)),
    b"h": lambda m: m.recall(m.number("<B")),
    b"i": _push_instance,
    b"j": lambda m: m.recall(m.number("<I")),
    b"l": lambda m: m.push(m.pop_to_mark()),
    b"]": lambda m: m.push([]),
    b"o": _push_object,
    b"p": lambda m: m.remember(_digits(m)),
    b"q": lambda m: m.remember(m.number("<B")),
    b"r": lambda m: m.remember(m.number("<I")),
    b"s": lambda m: m.set_items([m.pop(), m.pop()][::-1]),
    b"t": lambda m: m.push(tuple(m.pop_to_mark())),
    b")": lambda m: m.push((), _ITEM),
    b"u": lambda m: m.set_items(m.pop_to_mark()),
    b"G": lambda m: m.push(m.number(">d")),
    b"\x80": _check_protocol,
    b"\x81": lambda m: _push_new(m, has_keywords=False),
    b"\x82": _refuse("an extension code"),
    b"\x83": _refuse("an extension code"),
    b"\x84": _refuse("an extension code"),
    b"\x85": lambda m: _push_tuple(m, 1),
    b"\x86": lambda m: _push_tuple(m, 2),
    b"\x87": lambda m: _push_tuple(m, 3),
    b"\x88": lambda m: m.push(True, _ITEM),
    b"\x89": lambda m: m.push(False, _ITEM),
    b"\x8a": lambda m: _push_long(m, "<B"),
    b"\x8b": lambda m: _push_long(m, "<i"),
    b"B": lambda m: _push_sized(m, "<I", _AS_BYTES),
    b"C": lambda m: _push_sized(m, "<B", _AS_BYTES),
    b"\x8c": lambda m: _push_sized(m, "<B", _AS_TEXT),
    b"\x8d": lambda m: _push_sized(m, "<Q", _AS_TEXT),
    b"\x8e": lambda m: _push_sized(m, "<Q", _AS_BYTES),
    b"\x8f": lambda m: m.push(set(), _SET),
    b"\x90": lambda m: m.add_items(m.pop_to_mark()),
    b"\x91": _frozen_set,
    b"\x92": lambda m: _push_new(m, has_keywords=True),
    b"\x93": _push_stack_global,
    b"\x94": lambda m: m.remember(len(m._memo)),
    b"\x95": lambda m: m.number("<Q") and None,  # a frame only groups bytes for reading ahead
    b"\x96": lambda m: _push_sized(m, "<Q", _AS_BYTES),
    b"\x97": _refuse("an out-of-band buffer"),
    b"\x98": _refuse("an out-of-band buffer"),
}
_ACTIONS = [_OPCODES.get(bytes([code])) for code in range(256)]
