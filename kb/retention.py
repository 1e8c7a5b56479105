"""What goes in time: old entries of the audit log, snapshots that nothing needs, vectors of no snapshot."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from kb.audit import Audit
from kb.home import Home
from kb.snapshot import forget_unused_vectors


def tidy(home: Home) -> list[str]:
    """Returns the ids of the snapshots that went. The caller holds the home's lock."""
    audit = Audit(home)
    try:
        audit.forget_before((datetime.now(UTC) - timedelta(days=home.settings.audit_days)).date())
        gone = home.prune(audit.snapshots_needed())
    finally:
        audit.close()
    if gone:
        forget_unused_vectors(home)
    return gone
