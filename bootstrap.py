"""Prepare `.venv` from the hash-locked requirement files; does nothing when it is already up to date.

    python3 bootstrap.py          what running needs
    python3 bootstrap.py ocr      what reading scans needs as well
    python3 bootstrap.py test     what the tests need as well (with the above)

Standard library only, because it runs before anything is installed. `uv` does the installing (12 s
instead of pip's 92 s on two cores, November 2026); it is fetched by pip, with hashes, into `.tools`.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
TOOLS = ROOT / ".tools"
LOCKS = ROOT / "requirements"
LAYERS = ("run", "ocr", "test")  # each holds the packages of those before it


def main(extra: str | None) -> None:
    if sys.version_info[:2] != (3, 11):
        found = f"{sys.version_info[0]}.{sys.version_info[1]}"
        sys.exit(
            f"bootstrap: found Python {found}, expected 3.11 (the lock files are made for it). "
            "Install Python 3.11 and run: make install PYTHON=python3.11"
        )
    wanted = extra or LAYERS[0]
    if wanted not in LAYERS:
        sys.exit(f"bootstrap: found {wanted!r}, expected nothing or one of {', '.join(LAYERS[1:])}.")
    stamp = VENV / ".installed"
    done = stamp.read_text().split() if stamp.exists() else []
    if _state(wanted) in done:
        return
    # what is there already stays: after the tests' packages, those for running are not all there is
    present = [layer for layer in LAYERS if _state(layer) in done]
    layers = LAYERS[: max(LAYERS.index(layer) for layer in (wanted, *present)) + 1]
    lock = _lock(layers[-1])

    uv = _uv()
    env = {**os.environ, **_pip_settings_for_uv(), "VIRTUAL_ENV": str(VENV)}
    # The stamp goes first and comes back last: a killed installation is never taken for a whole one.
    stamp.unlink(missing_ok=True)
    if not (VENV / "bin" / "python").exists():
        _run([uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(VENV)], env)
    print("Installing the locked packages (about 2 GB on disk, a minute or two) …", flush=True)
    _install_torch(uv, env)
    _run([uv, "pip", "install", "--quiet", "--require-hashes", "--no-deps", "--compile-bytecode", "-r", str(lock)], env)
    _run([uv, "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--editable", str(ROOT)], env)
    # Where Python is told to keep no compiled modules, every command would compile ours anew (0.4 s of a publish).
    ours = [str(door.parent) for door in ROOT.glob("*/__init__.py")]
    subprocess.run([str(VENV / "bin" / "python"), "-m", "compileall", "-q", *ours], check=False)
    stamp.write_text(" ".join(map(_state, layers)) + "\n")


def _lock(layer: str) -> Path:
    return LOCKS / f"{layer}.txt"


def _state(layer: str) -> str:
    """A fingerprint of all that decides what an installed layer holds."""
    return _fingerprint(_lock(layer), LOCKS / "torch.txt", ROOT / "pyproject.toml", Path(__file__))


def _install_torch(uv: str, env: dict[str, str]) -> None:
    """The CPU build only: the plain `torch` of the public index brings gigabytes of CUDA.

    It is taken from pip's configured find-links where those have it, else from PyTorch's own CPU
    index, whose address uv knows. The hash makes sure that both give the same file.
    """
    install = [uv, "pip", "install", "--quiet", "--no-deps", "--require-hashes", "--compile-bytecode"]
    install += ["-r", str(LOCKS / "torch.txt")]
    if env.get("UV_FIND_LINKS"):
        local = subprocess.run([*install, "--no-index"], env=env, capture_output=True)
        if local.returncode == 0:
            return
    _run([*install, "--torch-backend", "cpu"], env)


def _uv() -> str:
    uv = TOOLS / "bin" / "uv"
    lock = LOCKS / "tools.txt"
    stamp = TOOLS / ".installed"
    wanted = _fingerprint(lock)
    if not (uv.exists() and stamp.exists() and stamp.read_text() == wanted):
        _run([sys.executable, "-m", "venv", "--clear", str(TOOLS)], None)
        _run(
            [str(TOOLS / "bin" / "python"), "-m", "pip", "install", "--quiet", "--require-hashes", "-r", str(lock)],
            None,
        )
        stamp.write_text(wanted)
    return str(uv)


def _pip_settings_for_uv() -> dict[str, str]:
    """uv does not read pip's configuration (mirrors, proxies' certificates); hand it on."""
    listed = subprocess.run([sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True)
    settings: dict[str, list[str]] = {}
    for line in listed.stdout.splitlines():
        key, _, value = line.partition("=")
        name = key.rsplit(".", 1)[-1]
        settings.setdefault(name, []).extend(value.strip("'\"").split())
    env: dict[str, str] = {}
    if links := settings.get("find-links"):
        env["UV_FIND_LINKS"] = ",".join(dict.fromkeys(links))
    if index := settings.get("index-url"):
        env["UV_DEFAULT_INDEX"] = index[-1]
    # A file index that names no such package is normal for pip; uv wants whole indexes, so only real hosts.
    if extra := [url for url in settings.get("extra-index-url", []) if not url.startswith("file:")]:
        env["UV_INDEX"] = " ".join(dict.fromkeys(extra))
        env["UV_INDEX_STRATEGY"] = "unsafe-best-match"  # as pip does; the hashes decide what is accepted
    if cert := settings.get("cert"):
        env.setdefault("SSL_CERT_FILE", cert[-1])
    return {name: value for name, value in env.items() if name not in os.environ}


def _fingerprint(*files: Path) -> str:
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()


def _run(command: list[str], env: dict[str, str] | None) -> None:
    done = subprocess.run(command, env=env)
    if done.returncode:
        sys.exit(
            f"bootstrap: `{' '.join(command[:4])} …` ended with status {done.returncode} (its message is above). "
            "Mend what it names (network, mirror, disk space) and run the same make command again."
        )


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else None)
