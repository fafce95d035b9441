"""Taking the files of a source, once, and keeping them under their digest."""

import tempfile
from pathlib import Path

from django.conf import settings

from analyzer import api
from analyzer.progress import Progress
from webapp.codebases import selectors
from webapp.codebases.models import Source

# A repository is never taken from this machine's own disk, whatever the address says.
LIMITS = api.Limits(protocols=("https", "http", "ssh"))


def take_snapshot(*, source: Source, progress: Progress) -> api.Snapshot:
    """The source's files, taken once and kept under their digest.

    Raises `analyzer.errors.UnusableInput` where there is nothing to analyse.
    """
    return kept_snapshot(source=source) or _take(source, progress)


def kept_snapshot(*, source: Source) -> api.Snapshot | None:
    """The source's snapshot, if it was taken and is still there."""
    if not source.snapshot_digest:
        return None
    kept = selectors.snapshot_folder(source.snapshot_digest)
    return api.open_snapshot(kept) if kept.is_dir() else None


def _take(source: Source, progress: Progress) -> api.Snapshot:
    with tempfile.TemporaryDirectory(dir=settings.DATA.snapshots, prefix="incoming-") as scratch:
        taken = Path(scratch) / "snapshot"
        snapshot = api.take_snapshot(
            selectors.address_of(source), into=taken, progress=progress, limits=LIMITS
        )
        kept = selectors.snapshot_folder(snapshot.digest)
        # Two runs may take the same files at once; the second finds the first's folder in place.
        if not kept.is_dir():
            try:
                taken.rename(kept)
            except OSError:
                if not kept.is_dir():
                    raise
    source.snapshot_digest = snapshot.digest
    source.snapshot_bytes = sum(file.size for file in snapshot.files)
    source.save(update_fields=["snapshot_digest", "snapshot_bytes"])
    return api.open_snapshot(kept)
