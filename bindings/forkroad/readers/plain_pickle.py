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

from forkroad.readers.pickle_builders import find_global
from forkroad.readers.pickle_machine import ITEM, MARK, OBJECT, SET, TEXT, Machine
from forkroad.readers.read_error import shown

# Digits of a number written as text; no number in a log is longer.
_MAX_DIGITS = 64
_MAX_LONG = 16  # bytes of a binary integer


def load_plain(data: bytes) -> object:
    """The value that a pickle holds. Raises ReadError: `wrong_content` for a pickle that names
    anything but plain data, `truncated`, `bad_encoding` or `too_large`, with the byte offset."""
    return Machine(data).run(_ACTIONS)


def _digits(machine: Machine) -> int:
    raw = machine.line(_MAX_DIGITS).rstrip(b"L")
    body = raw[1:] if raw[:1] in (b"-", b"+") else raw
    if not body.isdigit():
        machine.fail("bad_encoding", f"{shown(raw)} is no integer")
    return int(raw)


def _push_int_line(machine: Machine) -> None:
    start = machine.at
    raw = machine.line(_MAX_DIGITS)
    if raw in (b"00", b"01"):  # protocol 0 spells False and True so
        machine.push(raw == b"01")
        return
    machine.at = start
    machine.push(_digits(machine))


def _push_float_line(machine: Machine) -> None:
    raw = machine.line(_MAX_DIGITS)
    try:
        machine.push(float(raw))
    except ValueError:
        machine.fail("bad_encoding", f"{shown(raw)} is no number")


def _push_string_line(machine: Machine) -> None:
    raw = machine.line(1 << 16)
    quoted = len(raw) >= 2 and raw[:1] == raw[-1:] and raw[:1] in (b"'", b'"')
    if not quoted or b"\\" in raw or not raw.isascii():
        machine.fail("bad_encoding", "a quoted text is not plain ASCII")
    machine.push(raw[1:-1].decode("ascii"), TEXT + len(raw))


def _push_unicode_line(machine: Machine) -> None:
    raw = machine.line(1 << 24)  # protocol 0 writes the bytes of arrays so
    try:
        text = raw.decode("raw-unicode-escape")
    except UnicodeDecodeError:
        machine.fail("bad_encoding", "a text has a broken escape")
    machine.push(text, TEXT + 4 * len(raw))


def _push_sized(machine: Machine, layout: str, convert) -> None:
    size = machine.number(layout)
    if size < 0:
        machine.fail("bad_encoding", f"a length is {size}, expected >= 0")
    raw = machine.take(size)
    machine.push(convert(machine, raw), TEXT + size)


def _push_long(machine: Machine, layout: str) -> None:
    size = machine.number(layout)
    if not 0 <= size <= _MAX_LONG:
        machine.fail("too_large", f"an integer of {size} bytes, expected at most {_MAX_LONG}")
    machine.push(int.from_bytes(machine.take(size), "little", signed=True))


def _push_tuple(machine: Machine, size: int) -> None:
    values = [machine.pop() for _ in range(size)]
    machine.push(tuple(reversed(values)), OBJECT + ITEM * size)


def _push_dict(machine: Machine) -> None:
    values = machine.pop_to_mark()
    machine.push({})
    machine.set_items(values)


def _push_instance(machine: Machine) -> None:
    module, name = machine.text(machine.line()), machine.text(machine.line())
    arguments = tuple(machine.pop_to_mark())
    machine.make(find_global(module, name), arguments)


def _push_object(machine: Machine) -> None:
    values = machine.pop_to_mark()
    if not values:
        machine.fail("bad_encoding", "makes an object of no class")
    machine.make(values[0], tuple(values[1:]))


def _push_new(machine: Machine, has_keywords: bool) -> None:
    keywords = machine.pop() if has_keywords else {}
    arguments = machine.pop()
    if type(keywords) is not dict or keywords or type(arguments) is not tuple:
        machine.fail("wrong_content", "makes an object with keyword arguments")
    machine.make(machine.pop(), arguments)


def _push_stack_global(machine: Machine) -> None:
    name = machine.pop()
    machine.find_global(machine.pop(), name)


def _check_protocol(machine: Machine) -> None:
    protocol = machine.number("<B")
    if protocol > 5:
        machine.fail("unsupported_format", f"protocol {protocol}, expected at most 5")


def _refuse(what: str):
    return lambda machine: machine.fail("wrong_content", f"holds {what}, which is no plain data")


def _reduce(machine: Machine) -> None:
    arguments = machine.pop()
    machine.call(machine.pop(), arguments)


def _frozen_set(machine: Machine) -> None:
    values = machine.pop_to_mark()
    machine.push(set(), SET)
    machine.add_items(values)


_AS_TEXT = Machine.text
_AS_LATIN = lambda machine, raw: raw.decode("latin-1")  # noqa: E731
_AS_BYTES = lambda machine, raw: raw  # noqa: E731

_OPCODES = {
    b"(": lambda m: m.push(MARK, ITEM),
    b".": Machine.stop,
    b"0": lambda m: m.stack.pop() if m.stack else m.pop(),
    b"1": Machine.pop_to_mark,
    b"2": lambda m: m.push(m.top(), ITEM),
    b"F": _push_float_line,
    b"I": _push_int_line,
    b"J": lambda m: m.push(m.number("<i")),
    b"K": lambda m: m.push(m.number("<B"), ITEM),
    b"L": lambda m: m.push(_digits(m)),
    b"M": lambda m: m.push(m.number("<H")),
    b"N": lambda m: m.push(None, ITEM),
    b"P": _refuse("a persistent id"),
    b"Q": _refuse("a persistent id"),
    b"R": _reduce,
    b"S": _push_string_line,
    b"T": lambda m: _push_sized(m, "<i", _AS_LATIN),
    b"U": lambda m: _push_sized(m, "<B", _AS_LATIN),
    b"V": _push_unicode_line,
    b"X": lambda m: _push_sized(m, "<I", _AS_TEXT),
    b"a": lambda m: m.append([m.pop()]),
    b"b": Machine.build,
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
    b")": lambda m: m.push((), ITEM),
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
    b"\x88": lambda m: m.push(True, ITEM),
    b"\x89": lambda m: m.push(False, ITEM),
    b"\x8a": lambda m: _push_long(m, "<B"),
    b"\x8b": lambda m: _push_long(m, "<i"),
    b"B": lambda m: _push_sized(m, "<I", _AS_BYTES),
    b"C": lambda m: _push_sized(m, "<B", _AS_BYTES),
    b"\x8c": lambda m: _push_sized(m, "<B", _AS_TEXT),
    b"\x8d": lambda m: _push_sized(m, "<Q", _AS_TEXT),
    b"\x8e": lambda m: _push_sized(m, "<Q", _AS_BYTES),
    b"\x8f": lambda m: m.push(set(), SET),
    b"\x90": lambda m: m.add_items(m.pop_to_mark()),
    b"\x91": _frozen_set,
    b"\x92": lambda m: _push_new(m, has_keywords=True),
    b"\x93": _push_stack_global,
    b"\x94": lambda m: m.remember(len(m.memo)),
    b"\x95": lambda m: m.number("<Q") and None,  # a frame only groups bytes for reading ahead
    b"\x96": lambda m: _push_sized(m, "<Q", _AS_BYTES),
    b"\x97": _refuse("an out-of-band buffer"),
    b"\x98": _refuse("an out-of-band buffer"),
}
_ACTIONS = [_OPCODES.get(bytes([code])) for code in range(256)]
