"""Files that only LibreOffice can make."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path


def has_soffice() -> bool:
    return shutil.which("soffice") is not None


def converted(name: str, data: bytes, kind: str, timeout_s: int = 120) -> bytes:
    """`data` saved by LibreOffice as `kind`. Its profile is a fresh folder: runs side by side do not meet."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, name)
        source.write_bytes(data)
        command = ["soffice", f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to", kind]
        subprocess.run([*command, "--outdir", folder, str(source)], check=True, capture_output=True, timeout=timeout_s)
        return source.with_suffix(f".{kind}").read_bytes()
