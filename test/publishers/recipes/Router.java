import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.debezium.data.Envelope;
import io.debezium.transforms.outbox.EventRouter;
import java.io.BufferedReader;
import java.io.File;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.storage.Converter;
import org.apache.kafka.connect.storage.SimpleHeaderConverter;

/**
 * What Kafka Connect does with the rows of an outbox, without Connect and its database: Debezium's own event router
 * and the connector's own converters, as a connector's configuration names them. Rows come as lines of JSON.
 */
public class Router {
  public static void main(String[] arguments) throws Exception {
    var mapper = new ObjectMapper();
    Map<String, String> config = new HashMap<>();
    for (String source : arguments) {
      JsonNode read = source.startsWith("{") ? mapper.readTree(source) : mapper.readTree(new File(source)).get("config");
      read.fields().forEachRemaining((entry) -> config.put(entry.getKey(), entry.getValue().asText()));
    }
    var router = new EventRouter<SourceRecord>();
    router.configure(below(config, "transforms.outbox."));
    Converter keys = converter(config, "key.converter", true);
    Converter values = converter(config, "value.converter", false);
    var headers = new SimpleHeaderConverter();

    Schema row =
        SchemaBuilder.struct()
            .field("position", Schema.INT64_SCHEMA)
            .field("identifier", Schema.STRING_SCHEMA)
            .field("sequence", Schema.INT64_SCHEMA)
            .field("event", Schema.STRING_SCHEMA)
            .build();
    Schema source = SchemaBuilder.struct().field("table", Schema.STRING_SCHEMA).build();
    Envelope envelope =
        Envelope.defineSchema().withName("erp.public.outbox.Envelope").withRecord(row).withSource(source).build();

    Map<String, Object> settings = Map.of("bootstrap.servers", System.getenv("KAFKA_BROKERS"));
    try (var producer = new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
        var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        JsonNode read = mapper.readTree(line);
        Struct after =
            new Struct(row)
                .put("position", read.get("position").asLong())
                .put("identifier", read.get("identifier").asText())
                .put("sequence", read.get("sequence").asLong())
                .put("event", read.get("event").asText());
        Struct change = envelope.create(after, new Struct(source).put("table", "outbox"), Instant.now());
        var record =
            new SourceRecord(
                Map.of(), Map.of(), "erp.public.outbox", null, null, null, envelope.schema(), change);
        SourceRecord routed = router.apply(record);
        String topic = routed.topic();
        var message =
            new ProducerRecord<>(
                topic,
                keys.fromConnectData(topic, routed.keySchema(), routed.key()),
                values.fromConnectData(topic, routed.valueSchema(), routed.value()));
        routed
            .headers()
            .forEach(
                (header) ->
                    message
                        .headers()
                        .add(header.key(), headers.fromConnectHeader(topic, header.key(), header.schema(), header.value())));
        producer.send(message).get();
      }
    }
  }

  static Map<String, String> below(Map<String, String> config, String prefix) {
    Map<String, String> found = new HashMap<>();
    config.forEach((name, value) -> {
      if (name.startsWith(prefix) && !name.equals(prefix + "type")) found.put(name.substring(prefix.length()), value);
    });
    return found;
  }

  static Converter converter(Map<String, String> config, String name, boolean isKey) throws Exception {
    var made = (Converter) Class.forName(config.get(name)).getDeclaredConstructor().newInstance();
    made.configure(below(config, name + "."), isKey);
    return made;
  }
}
