<?php

/**
 * What the plugin uses of WordPress, on SQLite and PHP's own HTTP: enough to install it, record events and run its cron.
 *
 *   php wordpress.php install | record TYPE IDENTIFIER [undone] < data.json | cron | rows
 */

declare(strict_types=1);

define('ABSPATH', __DIR__ . '/');
foreach (['PULLGATE_URL', 'PULLGATE_USER', 'PULLGATE_PASSWORD', 'PULLGATE_SOURCE'] as $name) {
    define($name, (string) getenv($name));
}

final class Database
{
    public string $prefix = 'wp_';
    public string $last_error = '';
    private PDO $pdo;

    public function __construct(string $file)
    {
        $this->pdo = new PDO("sqlite:$file");
        $this->pdo->setAttribute(PDO::ATTR_ERRMODE, PDO::ERRMODE_EXCEPTION);
    }

    public function prepare(string $sql, mixed ...$values): string
    {
        $next = 0;
        return preg_replace_callback('/%[sd]/', function (array $found) use (&$next, $values): string {
            $value = $values[$next++];
            return $found[0] === '%d' ? (string) (int) $value : $this->pdo->quote((string) $value);
        }, $sql);
    }

    /** MySQL's words as SQLite has them. */
    private function own(string $sql): string
    {
        return strtr($sql, [
            'BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY' => 'INTEGER PRIMARY KEY AUTOINCREMENT',
            'ENGINE=InnoDB' => '',
            'START TRANSACTION' => 'BEGIN IMMEDIATE',
        ]);
    }

    public function query(string $sql): int|false
    {
        try {
            return (int) $this->pdo->exec($this->own($sql));
        } catch (PDOException $error) {
            $this->last_error = $error->getMessage();
            return false;
        }
    }

    public function get_var(string $sql): ?string
    {
        $value = $this->pdo->query($this->own($sql))->fetchColumn();
        return $value === false ? null : (string) $value;
    }

    public function get_results(string $sql): array
    {
        return $this->pdo->query($this->own($sql))->fetchAll(PDO::FETCH_OBJ);
    }
}

final class WP_Error
{
    public function __construct(private string $message)
    {
    }

    public function get_error_message(): string
    {
        return $this->message;
    }
}

$hooks = [];
function register_activation_hook(string $file, callable $hook): void
{
    $GLOBALS['hooks']['activation'] = $hook;
}
function add_action(string $name, callable $hook): void
{
    $GLOBALS['hooks'][$name] = $hook;
}
function add_filter(string $name, callable $hook): void
{
    $GLOBALS['hooks'][$name] = $hook;
}
function wp_next_scheduled(string $hook): int|false
{
    return false;
}
function wp_schedule_event(int $time, string $recurrence, string $hook): void
{
    $known = $GLOBALS['hooks']['cron_schedules']([]);
    if (!isset($known[$recurrence], $GLOBALS['hooks'][$hook])) {
        throw new RuntimeException("nothing to schedule: $recurrence $hook");
    }
}
function wp_generate_uuid4(): string
{
    return bin2hex(random_bytes(16));
}
function wp_remote_post(string $url, array $options): array|WP_Error
{
    $lines = array_map(fn ($name, $value) => "$name: $value", array_keys($options['headers']), $options['headers']);
    $body = @file_get_contents($url, false, stream_context_create(['http' => [
        'method' => 'POST',
        'header' => $lines,
        'content' => $options['body'],
        'timeout' => $options['timeout'],
        'follow_location' => 0,
        'ignore_errors' => true,
    ]]));
    if ($body === false) {
        return new WP_Error('no connection');
    }
    preg_match('/ (\d{3})/', $http_response_header[0], $found);
    return ['code' => (int) $found[1], 'body' => $body];
}
function is_wp_error(mixed $answer): bool
{
    return $answer instanceof WP_Error;
}
function wp_remote_retrieve_response_code(array $answer): int
{
    return $answer['code'];
}
function wp_remote_retrieve_body(array $answer): string
{
    return $answer['body'];
}

$wpdb = new Database('wordpress.db');
require getenv('PLUGIN');

switch ($argv[1]) {
    case 'install':
        $hooks['activation']();
        break;
    case 'record':
        $wpdb->query('START TRANSACTION');
        pullgate_record($argv[2], $argv[3], json_decode(stream_get_contents(STDIN), true, 32, JSON_THROW_ON_ERROR));
        $wpdb->query(($argv[4] ?? '') === 'undone' ? 'ROLLBACK' : 'COMMIT');
        break;
    case 'cron':
        $hooks['pullgate_relay']();
        break;
    case 'rows':
        echo json_encode($wpdb->get_results('SELECT * FROM wp_pullgate_outbox ORDER BY position'));
        break;
}
