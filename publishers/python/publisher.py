"""Publishes an ERP's events to Kafka for Pullgate: an outbox in the ERP's database, and a relay that empties it.

    python publisher.py record TYPE IDENTIFIER < data.json   what the ERP does in its own transaction
    python publisher.py show                                 the outbox, one event a line
    python publisher.py relay [--once]                       sends what waits, and heartbeats

Environment: KAFKA_BROKERS, ERP_SOURCE (/erp/blr-01), PULLGATE_TOPIC (erp.student-events), ERP_DB (erp.db).
"""

import json
import os
import signal
import sqlite3
import sys
import time
import uuid
from datetime import datetime, timezone
from pathlib import Path

SOURCE = os.environ.get("ERP_SOURCE", "/erp/blr-01")
TOPIC = os.environ.get("PULLGATE_TOPIC", "erp.student-events")
DATABASE = os.environ.get("ERP_DB", "erp.db")
SCHEMA = Path(__file__).resolve().parent.parent / "outbox.sql"

BATCH = 500
POLL_SECONDS = 0.2
HEARTBEAT_SECONDS = 10


def now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds")


def open_database() -> sqlite3.Connection:
    database = sqlite3.connect(DATABASE, timeout=10)
    database.executescript(SCHEMA.read_text())
    return database


def record(database: sqlite3.Connection, event_type: str, identifier: str, data: dict) -> None:
    """Call it inside the transaction that changes the fee, the payment, the student: both happen, or neither."""
    # The row stays locked until the commit, so a student's numbers are given in the order of the commits, without holes.
    (sequence,) = database.execute(
        "INSERT INTO student_sequence (identifier, last) VALUES (?, 1)"
        " ON CONFLICT (identifier) DO UPDATE SET last = last + 1 RETURNING last",
        (identifier,),
    ).fetchone()
    event = {
        "specversion": "1.0",
        "id": str(uuid.uuid4()),
        "source": SOURCE,
        "type": event_type,
        "time": now(),
        "sequence": str(sequence),
        "data": data,
    }
    database.execute(
        "INSERT INTO outbox (identifier, sequence, event) VALUES (?, ?, ?)",
        (identifier, sequence, json.dumps(event, ensure_ascii=False)),
    )


def open_producer():
    from confluent_kafka import Producer

    return Producer(
        {
            "bootstrap.servers": os.environ["KAFKA_BROKERS"],
            # librdkafka's own default is CRC32, which puts students on other partitions than Java and Pullgate do.
            "partitioner": "murmur2_random",
            # No repetition and no reordering by the client itself; implies acks=all.
            "enable.idempotence": True,
            "linger.ms": 5,
            "compression.type": "lz4",
        }
    )


def relay_once(database: sqlite3.Connection, producer) -> int:
    """Sends what waits, in order; marks only what Kafka has acknowledged. A crash in between sends it again: same id."""
    rows = database.execute(
        "SELECT position, identifier, event FROM outbox WHERE published_at IS NULL ORDER BY position LIMIT ?", (BATCH,)
    ).fetchall()
    acknowledged = []
    failures = []

    def on_delivery(position):
        def told(error, _message):
            if error is None:
                acknowledged.append(position)
            else:
                failures.append(error)

        return told

    for position, identifier, event in rows:
        producer.produce(
            TOPIC,
            key=identifier.encode(),
            value=event.encode(),
            headers={"content-type": "application/cloudevents+json"},
            on_delivery=on_delivery(position),
        )
        producer.poll(0)
    producer.flush()
    with database:
        database.executemany(
            "UPDATE outbox SET published_at = ? WHERE position = ?", [(now(), position) for position in acknowledged]
        )
    if failures:
        raise RuntimeError(f"{len(failures)} events were not acknowledged: {failures[0]}")
    return len(rows)


def heartbeat(producer) -> None:
    """Says that this publisher is alive; without it a branch that is configured to expect it counts as stale."""
    event = {"specversion": "1.0", "id": str(uuid.uuid4()), "source": SOURCE, "type": "erp.heartbeat.v1", "time": now()}
    producer.produce(TOPIC, key=SOURCE.encode(), value=json.dumps(event).encode())
    producer.flush()


def relay(database: sqlite3.Connection, once: bool) -> None:
    producer = open_producer()
    stopping = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.append(True))
    last_heartbeat = None
    while not stopping:
        # The heartbeat follows what waited before it: it vouches for an empty outbox, not only for a living process.
        sent = relay_once(database, producer)
        if sent == BATCH:
            continue
        if last_heartbeat is None or time.monotonic() - last_heartbeat >= HEARTBEAT_SECONDS:
            heartbeat(producer)
            last_heartbeat = time.monotonic()
        if once:
            return
        time.sleep(POLL_SECONDS)


def main(arguments: list[str]) -> int:
    match arguments:
        case ["record", event_type, identifier]:
            database = open_database()
            data = json.load(sys.stdin)
            with database:  # the ERP's own changes belong into this transaction
                record(database, event_type, identifier, data)
        case ["show"]:
            for (event,) in open_database().execute("SELECT event FROM outbox ORDER BY position"):
                print(event)
        case ["relay"]:
            relay(open_database(), once=False)
        case ["relay", "--once"]:
            relay(open_database(), once=True)
        case _:
            print(__doc__, file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
