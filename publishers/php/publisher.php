<?php

/**
 * Publishes an ERP's events to Kafka for Pullgate: an outbox in the ERP's database, and a relay that empties it.
 *
 *   php publisher.php record TYPE IDENTIFIER < data.json   what the ERP does in its own transaction
 *   php publisher.php show                                 the outbox, one event a line
 *   php publisher.php relay [--once]                       sends what waits, and heartbeats
 *
 * Needs PHP 8.1 or newer with pdo_sqlite and rdkafka (librdkafka 1.6 or newer). Environment: KAFKA_BROKERS, ERP_SOURCE
 * (/erp/blr-01), PULLGATE_TOPIC (erp.student-events), ERP_DB (erp.db).
 */

declare(strict_types=1);

const BATCH = 500;
const POLL_MICROSECONDS = 200_000;
const HEARTBEAT_SECONDS = 10;
const FLUSH_MS = 120_000;

function setting(string $name, string $fallback): string
{
    return getenv($name) ?: $fallback;
}

function now(): string
{
    return (new DateTimeImmutable('now', new DateTimeZone('UTC')))->format('Y-m-d\TH:i:s.v\Z');
}

function event(string $type, ?string $sequence, ?string $data): string
{
    $attributes = [
        'specversion' => '1.0',
        'id' => bin2hex(random_bytes(16)),
        'source' => setting('ERP_SOURCE', '/erp/blr-01'),
        'type' => $type,
        'time' => now(),
    ];
    if ($sequence !== null) {
        $attributes['sequence'] = $sequence;
    }
    $json = json_encode($attributes, JSON_THROW_ON_ERROR | JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE);
    // The data goes in as the text it is: decoding and encoding it again could change a number.
    return $data === null ? $json : substr($json, 0, -1) . ',"data":' . $data . '}';
}

function openDatabase(): PDO
{
    $database = new PDO('sqlite:' . setting('ERP_DB', 'erp.db'));
    $database->setAttribute(PDO::ATTR_ERRMODE, PDO::ERRMODE_EXCEPTION);
    $database->exec('PRAGMA busy_timeout = 10000');
    $database->exec(file_get_contents(dirname(__DIR__) . '/outbox.sql'));
    return $database;
}

/** Call it inside the transaction that changes the fee, the payment, the student: both happen, or neither. */
function record(PDO $database, string $type, string $identifier, string $data): void
{
    // The row stays locked until the commit: a student's numbers are given in the order of the commits, without holes.
    $next = $database->prepare(
        'INSERT INTO student_sequence (identifier, last) VALUES (?, 1)
         ON CONFLICT (identifier) DO UPDATE SET last = last + 1 RETURNING last'
    );
    $next->execute([$identifier]);
    $sequence = (string) $next->fetchColumn();
    $next->closeCursor();
    $database
        ->prepare('INSERT INTO outbox (identifier, sequence, event) VALUES (?, ?, ?)')
        ->execute([$identifier, $sequence, event($type, $sequence, $data)]);
}

final class Relay
{
    private int $failures = 0;
    private RdKafka\Producer $producer;
    private RdKafka\ProducerTopic $topic;

    public function __construct(private PDO $database)
    {
        $conf = new RdKafka\Conf();
        $conf->set('bootstrap.servers', (string) getenv('KAFKA_BROKERS'));
        // librdkafka's own default is CRC32, which puts students on other partitions than Java and Pullgate do.
        $conf->set('partitioner', 'murmur2_random');
        // No repetition and no reordering by the client itself; implies acks=all.
        $conf->set('enable.idempotence', 'true');
        $conf->set('linger.ms', '5');
        $conf->set('compression.type', 'lz4');
        $conf->setDrMsgCb(function ($producer, $message): void {
            if ($message->err !== RD_KAFKA_RESP_ERR_NO_ERROR) {
                $this->failures++;
            }
        });
        $this->producer = new RdKafka\Producer($conf);
        $this->topic = $this->producer->newTopic(setting('PULLGATE_TOPIC', 'erp.student-events'));
    }

    private function send(string $key, string $event): void
    {
        $this->topic->produce(RD_KAFKA_PARTITION_UA, 0, $event, $key);
        $this->producer->poll(0);
    }

    /** Waits until Kafka has acknowledged everything that was sent. PHP ends without waiting: never leave this out. */
    private function flush(): void
    {
        $this->failures = 0;
        $result = $this->producer->flush(FLUSH_MS);
        if ($result !== RD_KAFKA_RESP_ERR_NO_ERROR || $this->failures > 0) {
            throw new RuntimeException("Kafka did not acknowledge: {$this->failures} failures, code $result");
        }
    }

    /** Sends what waits, in order, and marks it once all is acknowledged. A crash in between sends it again: same id. */
    public function once(): int
    {
        $rows = $this->database
            ->query('SELECT position, identifier, event FROM outbox
                     WHERE published_at IS NULL ORDER BY position LIMIT ' . BATCH)
            ->fetchAll(PDO::FETCH_ASSOC);
        foreach ($rows as $row) {
            $this->send($row['identifier'], $row['event']);
        }
        $this->flush();
        if ($rows !== []) {
            $this->database
                ->prepare('UPDATE outbox SET published_at = ? WHERE published_at IS NULL AND position <= ?')
                ->execute([now(), end($rows)['position']]);
        }
        return count($rows);
    }

    /** Says that this publisher is alive; without it a branch that is configured to expect it counts as stale. */
    public function heartbeat(): void
    {
        $this->send(setting('ERP_SOURCE', '/erp/blr-01'), event('erp.heartbeat.v1', null, null));
        $this->flush();
    }
}

function relay(bool $once): void
{
    $relay = new Relay(openDatabase());
    $beat = null;
    while (true) {
        // The heartbeat follows what waited before it: it vouches for an empty outbox, not only for a living process.
        if ($relay->once() === BATCH) {
            continue;
        }
        if ($beat === null || hrtime(true) - $beat >= HEARTBEAT_SECONDS * 1_000_000_000) {
            $relay->heartbeat();
            $beat = hrtime(true);
        }
        if ($once) {
            return;
        }
        usleep(POLL_MICROSECONDS);
    }
}

switch ($argv[1] ?? '') {
    case 'record':
        $database = openDatabase();
        $data = str_replace("\n", ' ', stream_get_contents(STDIN));
        json_decode($data, false, 512, JSON_THROW_ON_ERROR);
        $database->beginTransaction(); // the ERP's own changes belong into this transaction
        record($database, $argv[2], $argv[3], $data);
        $database->commit();
        break;
    case 'show':
        foreach (openDatabase()->query('SELECT event FROM outbox ORDER BY position') as $row) {
            echo $row['event'], "\n";
        }
        break;
    case 'relay':
        relay(($argv[2] ?? '') === '--once');
        break;
    default:
        fwrite(STDERR, "record TYPE IDENTIFIER < data.json | show | relay [--once]\n");
        exit(2);
}
