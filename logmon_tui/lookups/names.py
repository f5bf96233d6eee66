"""Names: asks DNS for the name of an address, on a thread, with a deadline and a bounded memory.

An answer is confirmed if the name leads back to the address (forward-confirmed reverse DNS). The
system's resolver is asked, and so is the hosts file.
"""

import socket
import threading
from collections import OrderedDict
from collections.abc import Callable
from ipaddress import ip_address
from queue import Empty, SimpleQueue
from typing import Protocol

from logmon_tui.formats.crawlers import Answer

DEADLINE = 5.0
"""Seconds until a question counts as not answered."""

MAX_OPEN = 8
"""Maximum questions that the resolver may still be busy with, long after the deadline too."""

MAX_ANSWERS = 1_000
"""Maximum answers that are remembered, those used last."""

_NO_SUCH_NAME = {1, 4}
"""HOST_NOT_FOUND and NO_DATA of netdb.h: DNS says that there is no name."""


class Resolver(Protocol):
    """Asks DNS; both may take long, and may raise OSError if DNS cannot tell."""

    def name_of(self, address: str) -> str:
        """Return the name of an address; empty if it has none."""

    def addresses_of(self, name: str) -> list[str]:
        """Return the addresses of a name."""


class SystemResolver:
    """The resolver of the operating system."""

    def name_of(self, address: str) -> str:
        """Return the name of an address; empty if it has none."""
        try:
            return socket.gethostbyaddr(address)[0]
        except socket.herror as error:
            if error.args[0] in _NO_SUCH_NAME:
                return ""
            raise

    def addresses_of(self, name: str) -> list[str]:
        """Return the addresses of a name."""
        found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
        return [str(address[0]) for *_, address in found]


class Names:
    """Answers which name an address has. Only `ask` is for callers, on a single thread."""

    def __init__(self, resolver: Resolver, deadline: float = DEADLINE) -> None:
        self._resolver = resolver
        self._deadline = deadline
        self._answers: OrderedDict[str, Answer] = OrderedDict()
        self._lock = threading.Lock()
        self._open = threading.BoundedSemaphore(MAX_OPEN)

    def ask(self, address: str, tell: Callable[[Answer], None]) -> None:
        """Have `tell` called with the answer: at once if it is known, else from another thread.

        If DNS could not tell, the next call asks again.
        """
        with self._lock:
            known = self._answers.get(address)
            if known is not None:
                self._answers.move_to_end(address)
        if known is not None:
            tell(known)
        elif self._open.acquire(blocking=False):
            threading.Thread(
                target=self._wait, args=(address, tell), name="names", daemon=True
            ).start()
        else:
            tell(Answer(problem="DNS has not answered earlier questions yet"))

    def _wait(self, address: str, tell: Callable[[Answer], None]) -> None:
        """Tell the answer, or that there is none by the deadline."""
        found: SimpleQueue[Answer] = SimpleQueue()
        threading.Thread(
            target=self._resolve, args=(address, found), name="resolver", daemon=True
        ).start()
        try:
            answer = found.get(timeout=self._deadline)
        except Empty:
            answer = Answer(problem=f"DNS did not answer within {self._deadline:g} s")
        tell(answer)

    def _resolve(self, address: str, found: SimpleQueue[Answer]) -> None:
        try:
            answer = _answer(self._resolver, address)
        finally:
            self._open.release()
        if not answer.problem:
            with self._lock:
                self._answers[address] = answer
                while len(self._answers) > MAX_ANSWERS:
                    self._answers.popitem(last=False)
        found.put(answer)


def _answer(resolver: Resolver, address: str) -> Answer:
    try:
        name = resolver.name_of(address)
    except (OSError, UnicodeError) as error:
        return Answer(problem=f"DNS could not tell: {_why(error)}")
    if not name:
        return Answer()
    try:
        leads_back = any(_same(each, address) for each in resolver.addresses_of(name))
    except socket.gaierror as error:
        if error.errno == socket.EAI_AGAIN:
            return Answer(problem=f"DNS could not tell: {_why(error)}")
        leads_back = False
    except UnicodeError:  # no such name can be asked for
        leads_back = False
    except OSError as error:
        return Answer(problem=f"DNS could not tell: {_why(error)}")
    return Answer(name, leads_back)


def _same(found: str, address: str) -> bool:
    try:
        return ip_address(found.partition("%")[0]) == ip_address(address)
    except ValueError:
        return False


def _why(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error.args[-1])
