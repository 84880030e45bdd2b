<?php

/**
 * Plugin Name: Pullgate outbox
 * Description: Publishes changes of students and fees to Pullgate over HTTP, from an outbox that WordPress's cron empties.
 *
 * wp-config.php defines PULLGATE_URL (https://pullgate.example.edu), PULLGATE_USER, PULLGATE_PASSWORD and
 * PULLGATE_SOURCE (/erp/blr-01). Needs PHP 8.1 or newer, and tables that know transactions (InnoDB).
 */

declare(strict_types=1);

if (!defined('ABSPATH')) {
    exit;
}

const PULLGATE_BATCH = 200;

/** Names of students are compared byte for byte, so the columns hold bytes: a collation would take "a" for "A". */
function pullgate_install(): void
{
    global $wpdb;
    $wpdb->query("CREATE TABLE IF NOT EXISTS {$wpdb->prefix}pullgate_sequence (
        identifier VARBINARY(512) NOT NULL PRIMARY KEY,
        last BIGINT NOT NULL
    ) ENGINE=InnoDB");
    $wpdb->query("CREATE TABLE IF NOT EXISTS {$wpdb->prefix}pullgate_outbox (
        position BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
        identifier VARBINARY(512) NOT NULL,
        event MEDIUMTEXT NOT NULL,
        published_at VARCHAR(32) NULL,
        refused TEXT NULL
    ) ENGINE=InnoDB");
    if (!wp_next_scheduled('pullgate_relay')) {
        wp_schedule_event(time(), 'pullgate_minute', 'pullgate_relay');
    }
}

function pullgate_query(string $sql, mixed ...$values): int
{
    global $wpdb;
    $done = $wpdb->query($values === [] ? $sql : $wpdb->prepare($sql, ...$values));
    if ($done === false) {
        throw new RuntimeException("the outbox refused a statement: {$wpdb->last_error}");
    }
    return (int) $done;
}

/** Call it between START TRANSACTION and COMMIT of the change itself: both happen, or neither. */
function pullgate_record(string $type, string $identifier, array $data): void
{
    global $wpdb;
    $numbers = "{$wpdb->prefix}pullgate_sequence";
    // The row stays locked until the commit: a student's numbers are given in the order of the commits, without holes.
    if (pullgate_query("UPDATE $numbers SET last = last + 1 WHERE identifier = %s", $identifier) === 0) {
        pullgate_query("INSERT INTO $numbers (identifier, last) VALUES (%s, 1)", $identifier);
    }
    $sequence = $wpdb->get_var($wpdb->prepare("SELECT last FROM $numbers WHERE identifier = %s", $identifier));
    $event = pullgate_event($type) + ['sequence' => (string) $sequence, 'data' => $data];
    pullgate_query(
        "INSERT INTO {$wpdb->prefix}pullgate_outbox (identifier, event) VALUES (%s, %s)",
        $identifier,
        pullgate_json($event)
    );
}

/** Amounts belong into events as text ("12000.50"): PHP may write a float with more decimals than it has. */
function pullgate_event(string $type): array
{
    return [
        'specversion' => '1.0',
        'id' => wp_generate_uuid4(),
        'source' => PULLGATE_SOURCE,
        'type' => $type,
        'time' => gmdate('Y-m-d\TH:i:s\Z'),
    ];
}

function pullgate_json(array $value): string
{
    return json_encode($value, JSON_THROW_ON_ERROR | JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE);
}

/** @return array{0: int, 1: string} the status, 0 without a connection, and the body */
function pullgate_post(array $events): array
{
    $answer = wp_remote_post(rtrim(PULLGATE_URL, '/') . '/events', [
        'timeout' => 20,
        'redirection' => 0,
        'headers' => [
            'Content-Type' => 'application/cloudevents-batch+json',
            'Authorization' => 'Basic ' . base64_encode(PULLGATE_USER . ':' . PULLGATE_PASSWORD),
        ],
        // The events as they were recorded: what is sent again is the same to the byte.
        'body' => '[' . implode(',', $events) . ']',
    ]);
    if (is_wp_error($answer)) {
        return [0, $answer->get_error_message()];
    }
    return [(int) wp_remote_retrieve_response_code($answer), (string) wp_remote_retrieve_body($answer)];
}

function pullgate_mark(string $column, string $value, array $positions): void
{
    global $wpdb;
    foreach ($positions as $position) {
        pullgate_query("UPDATE {$wpdb->prefix}pullgate_outbox SET $column = %s WHERE position = %d", $value, $position);
    }
}

/** Sends what waits, in order, then a heartbeat. One run at a time; a crash in between sends again: same ids. */
function pullgate_relay(): void
{
    global $wpdb;
    $lock = fopen(sys_get_temp_dir() . '/pullgate-' . md5(ABSPATH) . '.lock', 'c');
    if ($lock === false || !flock($lock, LOCK_EX | LOCK_NB)) {
        return;
    }
    $waiting = "SELECT position, event FROM {$wpdb->prefix}pullgate_outbox
        WHERE published_at IS NULL AND refused IS NULL ORDER BY position LIMIT " . PULLGATE_BATCH;
    while (($rows = $wpdb->get_results($waiting)) !== []) {
        if (!pullgate_send($rows)) {
            return;
        }
    }
    // It vouches for an empty outbox, so it comes last.
    pullgate_post([pullgate_json(pullgate_event('erp.heartbeat.v1'))]);
}

/** Whether to go on: false where nothing was acknowledged and the next run tries again. */
function pullgate_send(array $rows): bool
{
    [$status, $body] = pullgate_post(array_column($rows, 'event'));
    if ($status === 200) {
        pullgate_mark('published_at', gmdate('c'), array_column($rows, 'position'));
        return true;
    }
    if ($status === 400 && count($rows) > 1) {
        // One event is enough to refuse a batch: each by itself.
        foreach ($rows as $row) {
            if (!pullgate_send([$row])) {
                return false;
            }
        }
        return true;
    }
    if ($status === 400) {
        // Its number stays missing: the student is not answered until a snapshot repairs it, and no balance is wrong.
        pullgate_mark('refused', $body, array_column($rows, 'position'));
        error_log("Pullgate refuses event {$rows[0]->position}: $body");
        return true;
    }
    error_log("Pullgate did not acknowledge: $status $body");
    return false;
}

register_activation_hook(__FILE__, 'pullgate_install');
add_action('pullgate_relay', 'pullgate_relay');
add_filter('cron_schedules', function (array $schedules): array {
    return $schedules + ['pullgate_minute' => ['interval' => 60, 'display' => 'Every minute']];
});
