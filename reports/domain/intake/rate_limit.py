"""A limit on how much one process takes of something: it knows how much came, never from whom."""

import threading
import time


class Bucket:
    """A leaky bucket for the whole process, in memory."""

    def __init__(self, *, rate: float, burst: int) -> None:
        """Take how many a minute, and how many at once."""
        self._rate, self._burst = rate / 60, float(burst)
        self._level, self._at = self._burst, time.monotonic()
        self._lock = threading.Lock()

    def take(self) -> bool:
        """Take one, if there is one."""
        with self._lock:
            now = time.monotonic()
            self._level = min(self._burst, self._level + (now - self._at) * self._rate)
            self._at = now
            if self._level < 1:
                return False
            self._level -= 1
            return True
