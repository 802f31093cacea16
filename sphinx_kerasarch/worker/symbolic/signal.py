"""The tier's private signal: what it cannot do without a backend is left to the next tier."""

from __future__ import annotations

from dataclasses import dataclass, field


class HandOn(BaseException):
    """Numbers, or a backend itself, are wanted.

    Not an ``Exception``: neither a factory's ``except Exception`` nor Keras' own may take it for a failure.
    """


class UnknownError(TypeError):
    """A number is wanted that is not known; a backend would refuse it in words of its own."""


@dataclass(slots=True)
class State:
    """What the tier knows of the request that runs."""

    active: bool = False
    """Whether this process is of the symbolic tier."""
    fault: str = ""
    """Why the tier is switched off; all requests are handed on then."""
    why: list[str] = field(default_factory=list)
    """Why the request must be handed on; also when somebody swallowed the signal."""
    depth: int = 0
    """Nested inferences of shapes; inside of them there are no numbers at all."""
    filled: bool = False
    """Whether unknown axes of the running inference are filled with a number."""
    asked_backend: bool = False
    """Whether the code asked which backend it runs on."""


STATE = State()
"""One for the process, because the patches are one for the process."""


def hand_on(why: str) -> HandOn:
    """The signal to raise, remembered."""
    STATE.why.append(why)
    return HandOn(why)
