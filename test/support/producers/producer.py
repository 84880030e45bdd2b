"""A publisher on librdkafka as it is out of the box: producer.py BROKERS TOPIC COMPRESSION [TRANSACTIONAL_ID]

Reads commands, tab-separated, a line each, and answers each with "ok" when it is done:
send KEY VALUE HEADERS    base64 or "-"; headers as name=base64, comma-separated
begin | commit | abort | flush
"""
import base64
import sys

from confluent_kafka import Producer

brokers, topic, compression = sys.argv[1:4]
settings = {"bootstrap.servers": brokers, "compression.type": compression, "linger.ms": 5}
if len(sys.argv) > 4:
    settings["transactional.id"] = sys.argv[4]
producer = Producer(settings)
if len(sys.argv) > 4:
    producer.init_transactions(30)


def raw(text):
    return None if text == "-" else base64.b64decode(text)


failed = []
for line in sys.stdin:
    command, *rest = line.rstrip("\n").split("\t")
    if command == "send":
        key, value, headers = rest
        pairs = [header.split("=", 1) for header in headers.split(",") if header]
        producer.produce(
            topic,
            key=raw(key),
            value=raw(value),
            headers=[(name, base64.b64decode(text)) for name, text in pairs],
            on_delivery=lambda error, _: failed.append(error) if error else None,
        )
        producer.poll(0)
    elif command == "begin":
        producer.begin_transaction()
    elif command == "commit":
        producer.commit_transaction(30)
    elif command == "abort":
        producer.abort_transaction(30)
    elif command == "flush":
        producer.flush(30)
    print("ok" if not failed or command == "abort" else f"failed {failed[0]}", flush=True)
