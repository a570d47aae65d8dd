"""What is counted, for `/metrics`. No user, no box and no location ever stands in a label."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

REFRESH = "oauth.refresh"


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
        self._acks = Histogram(
            "ct_bot_ack_seconds",
            "From a delivery's arrival at its listener to its ack",
            ["kind"],
            buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 3),
            registry=self.registry,
        )
        self._slack = Counter(
            "ct_bot_slack_calls", "Calls to Slack, by outcome", ["call", "outcome"], registry=self.registry
        )
        self._slack_seconds = Histogram(
            "ct_bot_slack_call_seconds",
            "How long calls to Slack take",
            ["call"],
            buckets=(0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8, 30),
            registry=self.registry,
        )
        self._refreshes = Counter(
            "ct_bot_refreshes", "Renewals of CT tokens, by outcome", ["outcome"], registry=self.registry
        )
        self._endings = Counter(
            "ct_bot_operations", "Changes at CT, by kind and ending", ["kind", "ending"], registry=self.registry
        )
        self.links = Gauge("ct_bot_links", "People linked to a CT account", registry=self.registry)
        self.lines_dropped = Gauge(
            "ct_bot_log_lines_dropped", "Lines that could not be written", registry=self.registry
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
        if name == REFRESH:
            self._refreshes.labels(outcome).inc()

    def acked(self, kind: str, seconds: float) -> None:
        """One delivery acked."""
        self._acks.labels(kind).observe(seconds)

    def slack(self, call: str, outcome: str, seconds: float) -> None:
        """One call to Slack."""
        self._slack.labels(call, outcome).inc()
        self._slack_seconds.labels(call).observe(seconds)

    def ended(self, kind: str, ending: str) -> None:
        """One change at CT came to its end."""
        self._endings.labels(kind, ending).inc()
