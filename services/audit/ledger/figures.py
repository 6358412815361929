"""What an operator watches of the ledger."""

from __future__ import annotations

from prometheus_client import Counter, Gauge

SEQUENCED = Counter("muniment_ledger_entries_total", "Entries sequenced")
ALARMS = Counter("muniment_ledger_alarms_total", "Contradictions found in a source's journal", ["kind"])
CHECKPOINT_SIZE = Gauge("muniment_ledger_checkpoint_size", "Entries under the last signed checkpoint")
