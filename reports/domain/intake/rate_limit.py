"""A rate limit for one process. It counts how much came, and never from whom."""

import threading
import time


class RateLimit:
    """A token bucket in memory: `rate` a minute, and `burst` at once."""

    def __init__(self, *, rate: float, burst: int) -> None:
        self._rate, self._burst = rate / 60, float(burst)
        self._level, self._at = self._burst, time.monotonic()
        self._lock = threading.Lock()

    def take(self) -> bool:
        """Return whether one more may pass, and count it if so."""
        with self._lock:
            now = time.monotonic()
            self._level = min(self._burst, self._level + (now - self._at) * self._rate)
            self._at = now
            if self._level < 1:
                return False
            self._level -= 1
            return True
