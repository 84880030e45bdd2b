import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Publishes an ERP's events to Kafka for Pullgate: an outbox in the ERP's database, and a relay that empties it.
 *
 * <pre>
 * java -cp 'jars/*' Publisher.java record TYPE IDENTIFIER < data.json   what the ERP does in its own transaction
 * java -cp 'jars/*' Publisher.java show                                 the outbox, one event a line
 * java -cp 'jars/*' Publisher.java relay [--once]                       sends what waits, and heartbeats
 * </pre>
 *
 * Environment: KAFKA_BROKERS, ERP_SOURCE (/erp/blr-01), PULLGATE_TOPIC (erp.student-events), ERP_DB (erp.db),
 * OUTBOX_SQL (outbox.sql).
 */
public class Publisher {
  static final String SOURCE = env("ERP_SOURCE", "/erp/blr-01");
  static final String TOPIC = env("PULLGATE_TOPIC", "erp.student-events");
  static final int BATCH = 500;
  static final long POLL_MS = 200;
  static final long HEARTBEAT_MS = 10_000;

  record Row(long position, String identifier, String event) {}

  static String env(String name, String fallback) {
    String value = System.getenv(name);
    return value == null || value.isEmpty() ? fallback : value;
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** Text as JSON writes it. */
  static String quoted(String text) {
    StringBuilder json = new StringBuilder("\"");
    for (char c : text.toCharArray()) {
      if (c == '"' || c == '\\') json.append('\\').append(c);
      else if (c < ' ') json.append(String.format("\\u%04x", (int) c));
      else json.append(c);
    }
    return json.append('"').toString();
  }

  static String event(String type, String sequence, String data) {
    StringBuilder json = new StringBuilder("{\"specversion\":\"1.0\"");
    Map<String, String> attributes = new LinkedHashMap<>();
    attributes.put("id", UUID.randomUUID().toString());
    attributes.put("source", SOURCE);
    attributes.put("type", type);
    attributes.put("time", Instant.now().toString());
    if (sequence != null) attributes.put("sequence", sequence);
    attributes.forEach((name, value) -> json.append(",\"").append(name).append("\":").append(quoted(value)));
    if (data != null) json.append(",\"data\":").append(data);
    return json.append('}').toString();
  }

  static Connection openDatabase() throws Exception {
    Connection database = DriverManager.getConnection("jdbc:sqlite:" + env("ERP_DB", "erp.db"));
    try (var statement = database.createStatement()) {
      statement.execute("PRAGMA busy_timeout = 10000");
      String schema = Files.readString(Path.of(env("OUTBOX_SQL", "outbox.sql"))).replaceAll("--[^\n]*", "");
      for (String one : schema.split(";")) if (!one.isBlank()) statement.execute(one);
    }
    database.setAutoCommit(false);
    return database;
  }

  /** Call it inside the transaction that changes the fee, the payment, the student: both happen, or neither. */
  static void record(Connection database, String type, String identifier, String data) throws SQLException {
    // The row stays locked until the commit: a student's numbers are given in the order of the commits, without holes.
    String number =
        "INSERT INTO student_sequence (identifier, last) VALUES (?, 1)"
            + " ON CONFLICT (identifier) DO UPDATE SET last = last + 1 RETURNING last";
    long sequence;
    try (var statement = database.prepareStatement(number)) {
      statement.setString(1, identifier);
      try (var result = statement.executeQuery()) {
        result.next();
        sequence = result.getLong(1);
      }
    }
    String insert = "INSERT INTO outbox (identifier, sequence, event) VALUES (?, ?, ?)";
    try (var statement = database.prepareStatement(insert)) {
      statement.setString(1, identifier);
      statement.setLong(2, sequence);
      statement.setString(3, event(type, Long.toString(sequence), data));
      statement.executeUpdate();
    }
  }

  static List<Row> rows(Connection database, String where) throws SQLException {
    List<Row> rows = new ArrayList<>();
    try (var statement = database.createStatement();
        var result = statement.executeQuery("SELECT position, identifier, event FROM outbox " + where)) {
      while (result.next()) rows.add(new Row(result.getLong(1), result.getString(2), result.getString(3)));
    }
    database.commit();
    return rows;
  }

  static KafkaProducer<byte[], byte[]> openProducer() {
    Properties settings = new Properties();
    settings.put("bootstrap.servers", System.getenv("KAFKA_BROKERS"));
    // Java's default partitioner is the right one; idempotence and acks=all are its defaults, and must stay.
    settings.put("enable.idempotence", "true");
    settings.put("acks", "all");
    settings.put("linger.ms", "5");
    settings.put("compression.type", "lz4");
    return new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
  }

  static Future<RecordMetadata> send(KafkaProducer<byte[], byte[]> producer, String key, String event) {
    var message = new ProducerRecord<>(TOPIC, bytes(key), bytes(event));
    message.headers().add("content-type", bytes("application/cloudevents+json"));
    return producer.send(message);
  }

  /** Sends what waits, in order; marks only what Kafka has acknowledged. A crash in between sends it again: same id. */
  static int relayOnce(Connection database, KafkaProducer<byte[], byte[]> producer) throws Exception {
    List<Row> waiting = rows(database, "WHERE published_at IS NULL ORDER BY position LIMIT " + BATCH);
    Map<Row, Future<RecordMetadata>> sent = new LinkedHashMap<>();
    for (Row row : waiting) sent.put(row, send(producer, row.identifier(), row.event()));
    producer.flush();
    Exception failure = null;
    try (var statement = database.prepareStatement("UPDATE outbox SET published_at = ? WHERE position = ?")) {
      for (var one : sent.entrySet()) {
        try {
          one.getValue().get();
          statement.setString(1, Instant.now().toString());
          statement.setLong(2, one.getKey().position());
          statement.executeUpdate();
        } catch (ExecutionException error) {
          failure = error;
        }
      }
    }
    database.commit();
    if (failure != null) throw failure;
    return waiting.size();
  }

  static void relay(Connection database, boolean once) throws Exception {
    try (var producer = openProducer()) {
      long beat = 0;
      while (true) {
        // The heartbeat follows what waited before it: it vouches for an empty outbox, not only for a living process.
        if (relayOnce(database, producer) == BATCH) continue;
        if (beat == 0 || System.nanoTime() - beat >= HEARTBEAT_MS * 1_000_000) {
          send(producer, SOURCE, event("erp.heartbeat.v1", null, null)).get();
          beat = System.nanoTime();
        }
        if (once) return;
        Thread.sleep(POLL_MS);
      }
    }
  }

  public static void main(String[] arguments) throws Exception {
    switch (arguments.length == 0 ? "" : arguments[0]) {
      case "record" -> {
        String data = new String(System.in.readAllBytes(), StandardCharsets.UTF_8).replace("\n", " ");
        try (var database = openDatabase()) {
          record(database, arguments[1], arguments[2], data);
          database.commit(); // the ERP's own changes belong into this transaction
        }
      }
      case "show" -> {
        try (var database = openDatabase()) {
          for (Row row : rows(database, "ORDER BY position")) {
            System.out.write(bytes(row.event() + "\n"));
          }
          System.out.flush();
        }
      }
      case "relay" -> {
        try (var database = openDatabase()) {
          relay(database, arguments.length > 1 && arguments[1].equals("--once"));
        }
      }
      default -> {
        System.err.println("record TYPE IDENTIFIER < data.json | show | relay [--once]");
        System.exit(2);
      }
    }
  }
}
