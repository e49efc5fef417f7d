"""A rate limit for one process. It counts how much came, and never from whom."""

import threading
import time


class RateLimit:
    """A token bucket in memory: `rate` a minute, and `burst` at once."""

    def __init__(self, *, rate: float, burst: int) -> None:
        self._rate = rate / 60
        self._burst = float(burst)
        self._level = self._burst
        self._at = time.monotonic()
        self._lock = threading.Lock()

    def take(self, cost: int = 1) -> bool:
        """Return whether one more may pass, and count it if so; what costs 0 always passes, after the same steps."""
        with self._lock:
            now = time.monotonic()
            self._level = min(self._burst, self._level + (now - self._at) * self._rate)
            self._at = now
            if self._level < cost:
                return False
            self._level -= cost
            return True
