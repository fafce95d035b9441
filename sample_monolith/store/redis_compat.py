"""Just enough of Redis to run the shop on a laptop without one. Set REDIS_URL for the real thing."""
import fnmatch
import threading
import time


class LocalRedis:
    def __init__(self):
        self._values = {}
        self._expiry = {}
        self._guard = threading.RLock()

    def _alive(self, key):
        if key in self._expiry and self._expiry[key] <= time.monotonic():
            self._values.pop(key, None)
            self._expiry.pop(key, None)
        return key in self._values

    def get(self, key):
        with self._guard:
            return self._values.get(key) if self._alive(key) else None

    def set(self, key, value, ex=None, nx=False):
        with self._guard:
            if nx and self._alive(key):
                return None
            self._values[key] = str(value).encode()
            self._expiry.pop(key, None)
            if ex is not None:
                self._expiry[key] = time.monotonic() + ex
            return True

    def delete(self, *keys):
        with self._guard:
            return sum(self._values.pop(key, None) is not None for key in keys)

    def incr(self, key, amount=1):
        with self._guard:
            value = int(self._values[key]) + amount if self._alive(key) else amount
            self._values[key] = str(value).encode()
            return value

    def expire(self, key, seconds):
        with self._guard:
            if self._alive(key):
                self._expiry[key] = time.monotonic() + seconds

    def lpush(self, key, *values):
        with self._guard:
            items = self._values.setdefault(key, [])
            for value in values:
                items.insert(0, str(value).encode())
            return len(items)

    def lrem(self, key, count, value):
        with self._guard:
            wanted = str(value).encode()
            self._values[key] = [v for v in self._values.get(key, []) if v != wanted]

    def ltrim(self, key, start, end):
        with self._guard:
            self._values[key] = self._values.get(key, [])[start : end + 1]

    def lrange(self, key, start, end):
        with self._guard:
            items = self._values.get(key, [])
            return list(items[start:] if end == -1 else items[start : end + 1])

    def scan_iter(self, match="*"):
        with self._guard:
            return [key for key in list(self._values) if fnmatch.fnmatch(key, match)]

    def flushall(self):
        with self._guard:
            self._values.clear()
            self._expiry.clear()
