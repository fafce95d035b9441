"""The store of stage results that all workers share: the database."""

import zlib
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from webapp.analyses.models import StageResult

# SQLite takes at most 999 parameters in one statement in its older builds.
BATCH = 300
# So many old results are forgotten at a time, so that nobody waits for the database meanwhile.
FORGOTTEN_AT_ONCE = 500


class DatabaseStore:
    """An `analyzer.store.ResultStore` in the table of stage results."""

    def get(self, *, kind: str, digest: str) -> bytes | None:
        """The stored bytes, or None."""
        return self.get_many(kind=kind, digests=[digest]).get(digest)

    def get_many(self, *, kind: str, digests: list[str]) -> dict[str, bytes]:
        """Those of the digests that are stored."""
        found: dict[str, bytes] = {}
        for start in range(0, len(digests), BATCH):
            rows = StageResult.objects.filter(
                kind=kind, digest__in=digests[start : start + BATCH]
            ).values_list("digest", "content")
            found.update((digest, zlib.decompress(content)) for digest, content in rows)
        return found

    def put(self, *, kind: str, digest: str, content: bytes) -> None:
        """Store the bytes, atomically."""
        self.put_many(kind=kind, contents={digest: content})

    def put_many(self, *, kind: str, contents: dict[str, bytes]) -> None:
        """Store several results of one kind; what is there already stays."""
        StageResult.objects.bulk_create(
            [
                StageResult(kind=kind, digest=digest, content=zlib.compress(content, 1))
                for digest, content in sorted(contents.items())
            ],
            batch_size=BATCH,
            ignore_conflicts=True,
        )


def forget_old_results() -> int:
    """Delete some of the results that are older than `RESULT_DAYS`; returns how many."""
    before = timezone.now() - timedelta(days=settings.RESULT_DAYS)
    old = StageResult.objects.filter(made_at__lt=before).order_by("made_at")
    chosen = list(old.values_list("pk", flat=True)[:FORGOTTEN_AT_ONCE])
    StageResult.objects.filter(pk__in=chosen).delete()
    return len(chosen)
