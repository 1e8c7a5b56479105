"""Runs a function in a process of its own that stops before every change it makes to files.

Every change: also those of SQLite, FAISS and tantivy, since it is the kernel that stops the process (ptrace, with a
seccomp filter so that nothing else is slowed down). At each stop the caller looks at the files, lets the process go
on, has the change fail, or kills it.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import platform
import signal
import struct
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_CALLS = {  # x86-64: number -> (name, how the arguments name the file: "fd", "path", "at" for a folder and a path)
    1: ("write", "fd"), 18: ("pwrite64", "fd"), 20: ("writev", "fd"), 77: ("ftruncate", "fd"),
    285: ("fallocate", "fd"), 296: ("pwritev", "fd"), 326: ("copy_file_range", "2"), 40: ("sendfile", "fd"),
    74: ("fsync", "fd"), 75: ("fdatasync", "fd"),
    76: ("truncate", "path"), 83: ("mkdir", "path"), 84: ("rmdir", "path"), 85: ("open", "path"),
    87: ("unlink", "path"), 90: ("chmod", "path"), 82: ("rename", "path path"), 86: ("link", "path path"),
    88: ("symlink", "- path"), 2: ("open", "path"), 257: ("open", "at"), 258: ("mkdir", "at"), 263: ("unlink", "at"),
    264: ("rename", "at at"), 265: ("link", "at at"), 266: ("symlink", "- at"), 268: ("chmod", "at"),
    316: ("rename", "at at"),
}  # fmt: skip
_FLAGS_OF_OPEN = {2: 1, 257: 2, 85: None}  # number -> which argument says how; creat always writes
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
_ARGUMENTS = (14, 13, 12, 7, 9, 8)  # in user_regs_struct: rdi, rsi, rdx, r10, r8, r9
_RESULT, _NUMBER = 10, 15  # rax, orig_rax

_TRACEME, _CONT, _GETREGS, _SETREGS, _SETOPTIONS = 0, 7, 12, 13, 0x4200
_SECCOMP_STOP, _STOPS = 7, 0x80 | 0x8 | 0x100000  # seccomp, threads; the process dies with its tracer
_ALL = 0x40000000  # __WALL: threads, too

_libc = ctypes.CDLL(None, use_errno=True)
_libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
_libc.ptrace.restype = ctypes.c_long


@dataclass(frozen=True, slots=True)
class Step:
    """A change that is about to be made."""

    number: int  # from 0
    call: str
    path: Path  # what is changed
    to: Path | None = None  # the new name, of a rename or link


class Kill(Exception):
    """Raised by a caller that wants the process killed before the step."""


OnStep = Callable[[Step], int]
"""Returns 0 to let the step happen, or the errno that it fails with."""


def possible() -> bool:
    """Whether this machine lets a process be stopped this way."""
    if platform.system() != "Linux" or platform.machine() != "x86_64":
        return False
    try:
        return traced(lambda: None, Path("/"), lambda step: 0).status == 0
    except OSError:
        return False


@dataclass(frozen=True, slots=True)
class Ended:
    status: int  # 0: the function returned; 1: it raised; -9: killed
    said: str  # the error, as text
    steps: int


def traced(function: Callable[[], Any], below: Path, on_step: OnStep) -> Ended:
    """Calls `on_step` before every change that `function` makes to what lies below `below`."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        _be_traced(function, writing)
    os.close(writing)
    try:
        status, steps = _follow(pid, below, on_step)
        with open(reading, "rb", closefd=False) as told:
            return Ended(status, told.read().decode("utf-8", "replace"), steps)
    finally:
        os.close(reading)


def apart(function: Callable[[], Any]) -> Ended:
    """Runs `function` in a process of its own and lets it go on undisturbed."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        _run(function, writing)
    os.close(writing)
    with open(reading, "rb") as told:
        said = told.read().decode("utf-8", "replace")
    return Ended(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), said, 0)


def _run(function: Callable[[], Any], telling: int) -> None:
    """Tells what the function returned, or what it raised, and ends the process."""
    status, said = 1, ""
    try:
        said, status = str(function() or ""), 0
    except BaseException as error:
        from kb.errors import KbError

        said = f"{type(error).__name__}: {error}" if isinstance(error, KbError) else traceback.format_exc()
    finally:
        with contextlib.suppress(OSError):
            os.write(telling, said.encode("utf-8", "replace")[:60_000])
        os._exit(status)


def _be_traced(function: Callable[[], Any], telling: int) -> None:
    try:
        _ptrace(_TRACEME, 0)
        os.kill(os.getpid(), signal.SIGSTOP)
        _filter()
    except BaseException:
        os._exit(99)
    _run(function, telling)


def _follow(pid: int, below: Path, on_step: OnStep) -> tuple[int, int]:
    os.waitpid(pid, _ALL)
    _ptrace(_SETOPTIONS, pid, _STOPS)
    _ptrace(_CONT, pid)
    number = 0
    while True:
        thread, status = os.waitpid(-1, _ALL)
        if os.WIFEXITED(status) or os.WIFSIGNALED(status):
            if thread == pid:
                return os.waitstatus_to_exitcode(status), number
            continue
        event, sent = status >> 16, os.WSTOPSIG(status)
        if event == _SECCOMP_STOP:
            try:
                step, registers = _step(thread, number, below)
                if step is not None:
                    number += 1
                    if failure := on_step(step):
                        registers[_NUMBER], registers[_RESULT] = 2**64 - 1, 2**64 - failure
                        _ptrace(_SETREGS, thread, ctypes.addressof(registers))
            except Kill:
                os.kill(pid, signal.SIGKILL)
                continue
        passed_on = 0 if event or sent == signal.SIGSTOP else sent
        with contextlib.suppress(ProcessLookupError):
            _ptrace(_CONT, thread, passed_on)


def _step(thread: int, number: int, below: Path) -> tuple[Step | None, Any]:
    registers = (ctypes.c_ulonglong * 27)()
    _ptrace(_GETREGS, thread, ctypes.addressof(registers))
    call, named = _CALLS[registers[_NUMBER]]
    arguments = [registers[at] for at in _ARGUMENTS]
    paths: list[Path] = []
    at = 0
    for how in named.split():
        if how == "at":
            paths.append(_path(thread, arguments[at + 1], arguments[at]))
            at += 1
        elif how == "path":
            paths.append(_path(thread, arguments[at], None))
        elif how == "fd":
            paths.append(Path(os.readlink(f"/proc/{thread}/fd/{arguments[at]}")))
        elif how == "2":
            paths.append(Path(os.readlink(f"/proc/{thread}/fd/{arguments[2]}")))
        at += 1
    if not any(path.is_relative_to(below) for path in paths):
        return None, registers
    return Step(number, call, paths[0], paths[1] if len(paths) > 1 else None), registers


def _path(thread: int, address: int, folder: int | None) -> Path:
    with open(f"/proc/{thread}/mem", "rb", buffering=0) as memory:
        memory.seek(address)
        text = b""
        while b"\0" not in text and len(text) < 4096:
            text += memory.read(min(256, 4096 - (address + len(text)) % 4096))
    name = os.fsdecode(text.partition(b"\0")[0])
    here = ctypes.c_int(folder & 0xFFFFFFFF).value if folder is not None else -100
    base = f"/proc/{thread}/cwd" if here == -100 else f"/proc/{thread}/fd/{here}"
    return Path(os.path.normpath(os.path.join(os.readlink(base), name)))


def _filter() -> None:
    """Stops at the calls of `_CALLS`; opening only where it may write."""
    load, equal, masked, returns = 0x20, 0x15, 0x45, 0x06
    code = []
    for number in _CALLS:
        flags = _FLAGS_OF_OPEN.get(number)
        if flags is None:
            code += [(load, 0, 0, 0), (equal, 0, 1, number), (returns, 0, 0, 0x7FF00000)]
        else:
            code += [(load, 0, 0, 0), (equal, 0, 4, number), (load, 0, 0, 16 + 8 * flags), (masked, 0, 1, _WRITING),
                     (returns, 0, 0, 0x7FF00000), (returns, 0, 0, 0x7FFF0000)]  # fmt: skip
    code.append((returns, 0, 0, 0x7FFF0000))
    program = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *line) for line in code))
    header = ctypes.create_string_buffer(struct.pack("HxxxxxxQ", len(code), ctypes.addressof(program)))
    if _libc.prctl(38, 1, 0, 0, 0) or _libc.prctl(22, 2, ctypes.c_void_p(ctypes.addressof(header)), 0, 0):
        raise OSError(ctypes.get_errno(), "seccomp")


def _ptrace(request: int, pid: int, data: int = 0) -> None:
    ctypes.set_errno(0)
    if _libc.ptrace(request, pid, None, data) < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), "ptrace")


DISK_FULL, READ_ONLY = errno.ENOSPC, errno.EROFS
