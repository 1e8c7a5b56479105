"""What can go wrong in the knowledge base, sorted by what the caller does next.

KbError
├── HomeError          the folder of the base cannot be used (missing, not writable, full)
│   └── Busy           another process is writing: wait, then again
├── NotFound           no such snapshot, clause or document: name another
├── DamagedSnapshot    a checksum, count or reference is off: roll back or rebuild
├── EmbedderMismatch   the snapshot was built with another embedder: rebuild or change the setting
├── ModelError         the embedding model cannot be loaded: install or name another
├── StateError         the database of audit and decisions cannot be used, or was tampered with
├── ClearingFailed     published, but what nobody needs any more is still there: free the disk, publish again
├── VectorError        vectors that do not fit the index: a fault of the caller
└── SettingsError      an unknown key or an impossible value: mend the settings file
"""

from __future__ import annotations


class KbError(Exception):
    """A known fault; its message says what was found, what was expected and what to do next."""


class HomeError(KbError):
    pass


class Busy(HomeError):
    pass


class NotFound(KbError):
    pass


class DamagedSnapshot(KbError):
    pass


class EmbedderMismatch(KbError):
    pass


class ModelError(KbError):
    pass


class VectorError(KbError):
    pass


class StateError(KbError):
    """The database beside the snapshots cannot be read or written, or its log has been changed."""


class ClearingFailed(KbError):
    """What was to be published is; what it takes the place of could not be cleared away."""


class SettingsError(KbError):
    pass
