r"""FrameSplitter: from a stream of bytes to syslog messages (RFC 6587). Pure.

A message is preceded by its length (`12 <190>message`), or ended by a newline. Each message says
itself which it is: a length is followed by a blank and the `<` of the priority. So a line that
begins with a number, such as the address of a client, is a line.
"""

import re

MAX_MESSAGE = 64 * 1024
"""Maximum bytes of a message, as much as a datagram has; longer ones are dropped."""

_COUNT = re.compile(rb"([1-9]\d{0,6}) (?=<)")
_MAYBE_COUNT = re.compile(rb"[1-9]\d{0,6} ?")
_BETWEEN = re.compile(rb"[\r\n\0]+")
"""What may stand between messages: some senders end counted ones by a newline, too."""


class FrameSplitter:
    """Cuts one stream into messages, and holds the last, unfinished one back.

    Messages of more than `longest` bytes are dropped in full, in bounded memory, and counted in
    `oversize`. `cut` counts messages that the stream's end cut off.
    """

    def __init__(self, longest: int = MAX_MESSAGE) -> None:
        self.oversize = 0
        self.cut = 0
        self._longest = longest
        self._held = bytearray()
        self._skip = 0  # bytes left of a counted message that is too long
        self._skipping = False  # inside a line that is too long

    @property
    def held(self) -> int:
        """Bytes of the unfinished message that is held back."""
        return len(self._held)

    def feed(self, block: bytes) -> list[bytes]:
        """Accept the stream's next bytes; return the messages that they complete."""
        held = self._held
        held += block
        messages: list[bytes] = []
        at = self._skipped()
        while at < len(held):
            if found := _BETWEEN.match(held, at):
                at = found.end()
            elif found := _COUNT.match(held, at):
                size, begin = int(found[1]), found.end()
                if size > self._longest:
                    self.oversize += 1
                    self._skip = size
                    del held[:begin]
                    at = self._skipped()
                elif len(held) - begin < size:
                    break
                else:
                    at = begin + size
                    messages.append(bytes(held[begin:at]))
            elif _MAYBE_COUNT.fullmatch(held, at):
                break
            else:
                end = held.find(b"\n", at)
                if end < 0:
                    at = self._hold(at)
                    break
                self._add(messages, bytes(held[at:end]))
                at = end + 1
        del held[:at]
        return messages

    def finish(self) -> list[bytes]:
        """Return the unfinished line at the end of the stream, if there is one."""
        counted = _COUNT.match(self._held) is not None
        self.cut += counted or self._skip > 0
        messages = [] if counted or not self._held else [bytes(self._held).removesuffix(b"\r")]
        self._held.clear()
        return messages

    def _skipped(self) -> int:
        """Return where the next message begins: after the rest of one that is too long."""
        if self._skip:
            step = min(self._skip, len(self._held))
            self._skip -= step
            return step
        if self._skipping:
            end = self._held.find(b"\n") + 1
            self._skipping = not end
            return end or len(self._held)
        return 0

    def _hold(self, at: int) -> int:
        """Hold the unfinished line at `at` back; return where what is held begins."""
        if len(self._held) - at <= self._longest:
            return at
        self.oversize += 1
        self._skipping = True
        return len(self._held)

    def _add(self, messages: list[bytes], line: bytes) -> None:
        if len(line) > self._longest:
            self.oversize += 1
        else:
            messages.append(line.removesuffix(b"\r"))
