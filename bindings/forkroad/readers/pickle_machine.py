"""The stack machine of `plain_pickle`: values, marks, memo and the budget they are charged to."""

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

# Charges in bytes: roughly what CPython takes.
OBJECT, ITEM, ENTRY, TEXT, SET = 64, 8, 100, 64, 216

_KEYS = (str, bytes, int, float, bool, type(None))


class Mark:
    """Not a value: where a run of values begins on the stack."""


MARK = Mark()


class Machine:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self.at = 0  # next byte
        self._opcode_at = 0
        self.stack: list = []
        self.memo: dict[int, object] = {}
        self._room = MAX_MEMORY
        self._stopped = False

    def run(self, actions: list) -> object:
        """The pickle's value; `actions` has what each of the 256 opcodes does, None: it is none."""
        data, size = self._data, len(self._data)
        for _ in range(MAX_OPCODES):
            at = self._opcode_at = self.at
            if at >= size:
                self.fail("truncated", "the pickle ends without its STOP opcode")
            self.at = at + 1
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
        if self.stack:
            self.fail("bad_encoding", f"{len(self.stack)} values are left over at its STOP opcode")
        if self.at != len(self._data):
            self.fail("bad_encoding", f"{len(self._data) - self.at} bytes follow its STOP opcode")
        return value

    # -- bytes --------------------------------------------------------------------------------

    def take(self, count: int) -> bytes:
        begin, end = self.at, self.at + count
        if end > len(self._data):
            left = len(self._data) - begin
            self.fail("truncated", f"{count} bytes are announced, {left} are left")
        self.at = end
        return self._data[begin:end]

    def number(self, layout: str) -> int:
        return struct.unpack(layout, self.take(struct.calcsize(layout)))[0]

    def line(self, limit: int = 1024) -> bytes:
        end = self._data.find(b"\n", self.at, self.at + limit)
        if end < 0:
            ended = self.at + limit > len(self._data)
            self.fail("truncated" if ended else "bad_encoding", "a line of text has no end")
        text = self._data[self.at : end]
        self.at = end + 1
        return text

    def text(self, raw: bytes) -> str:
        try:
            # pickle lets lone surrogates through; a text of a log has none
            return raw.decode("utf-8")
        except UnicodeDecodeError as error:
            self.fail("bad_encoding", f"a text is not UTF-8: {error.reason}")
            raise

    # -- stack --------------------------------------------------------------------------------

    def push(self, value: object, charge: int = OBJECT) -> None:
        self._room -= charge
        self.stack.append(value)

    def pop(self) -> object:
        if not self.stack or self.stack[-1] is MARK:
            self.fail("bad_encoding", "takes a value from an empty stack")
        return self.stack.pop()

    def top(self) -> object:
        if not self.stack or self.stack[-1] is MARK:
            self.fail("bad_encoding", "uses a value of an empty stack")
        return self.stack[-1]

    def pop_to_mark(self) -> list:
        stack = self.stack
        for begin in range(len(stack) - 1, -1, -1):
            if stack[begin] is MARK:
                values = stack[begin + 1 :]
                del stack[begin:]
                self._room -= ITEM * len(values)
                return values
        return self.fail("bad_encoding", "has no mark on its stack")

    def target(self, kind: type) -> object:
        value = self.top()
        if type(value) is not kind:
            self.fail("bad_encoding", f"adds to {shown(value)} as if it were a {kind.__name__}")
        return value

    # -- memo ---------------------------------------------------------------------------------

    def remember(self, index: int) -> None:
        self._room -= ENTRY
        self.memo[index] = self.top()

    def recall(self, index: int) -> None:
        value = self.memo.get(index, MARK)
        if value is MARK:
            self.fail("bad_encoding", f"recalls value {index}, which it has not stored")
        # an array is memoised before it is filled
        if type(value) is ArrayShell and value.array is not None:
            value = value.array
        self.push(value, ITEM)

    # -- containers ---------------------------------------------------------------------------

    def append(self, values: list) -> None:
        self.target(list).extend(values)
        self._room -= ITEM * len(values)

    def set_items(self, values: list) -> None:
        if len(values) % 2:
            self.fail("bad_encoding", "a dict has a key without a value")
        target = self.target(dict)
        for at in range(0, len(values), 2):
            target[self._key(values[at])] = values[at + 1]
        self._room -= ENTRY * (len(values) // 2)

    def add_items(self, values: list) -> None:
        self.target(set).update([self._key(value) for value in values])
        self._room -= ENTRY * len(values)

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
        self.push(call_global(target, arguments), SET)

    def make(self, target: object, arguments: tuple) -> None:
        if type(target) is not Global:
            self.fail("wrong_content", f"makes an object of {shown(target)}")
        self.push(make_record(target, arguments), SET)

    def build(self) -> None:
        state = self.pop()
        self.stack[-1:] = [build(self.top(), state)]

    def stop(self) -> None:
        self._stopped = True
