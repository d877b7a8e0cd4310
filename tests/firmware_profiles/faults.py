"""What the tests of faults share: where one is, and the fixture that gives one."""

from collections.abc import Callable

from firmware_profiles import ProfileError

FaultOf = Callable[[str, str], ProfileError]


def place(error: ProfileError) -> tuple[str, int | None, str]:
    return error.code.value, error.line, error.key
