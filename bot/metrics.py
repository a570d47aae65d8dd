"""What is counted, for `/metrics`. No user, no box and no location ever stands in a label."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram


class Metrics:
    """The counters of one process, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._commands = Counter(
            "ct_bot_commands", "Commands and deliveries, by outcome", ["command", "outcome"], registry=self.registry
        )
        self._calls = Counter("ct_bot_ct_calls", "Calls to CT, by outcome", ["call", "outcome"], registry=self.registry)
        self._seconds = Histogram(
            "ct_bot_ct_call_seconds",
            "How long calls to CT take",
            ["call"],
            buckets=(0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8),
            registry=self.registry,
        )
        self.due = Gauge("ct_bot_due_items", "Follow-ups and other due work waiting", registry=self.registry)
        self.late = Gauge("ct_bot_late_items", "Due work that nobody has picked up in time", registry=self.registry)

    def command(self, name: str, outcome: str) -> None:
        """One command or delivery."""
        self._commands.labels(name, outcome).inc()

    def call(self, name: str, outcome: str, seconds: float) -> None:
        """One call to CT."""
        self._calls.labels(name, outcome).inc()
        self._seconds.labels(name).observe(seconds)
