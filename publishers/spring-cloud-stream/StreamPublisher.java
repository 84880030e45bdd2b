import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.cloud.stream.function.StreamBridge;
import org.springframework.context.annotation.Configuration;
import org.springframework.kafka.support.KafkaHeaders;
import org.springframework.messaging.support.MessageBuilder;

/**
 * Publishes finished events with Spring Cloud Stream. An ERP reads them from its outbox, in order; here they come as
 * lines of an identifier, a tab and the event.
 */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
public class StreamPublisher {
  /** Returns once Kafka has acknowledged: only then may the row be marked as published. */
  static void publish(StreamBridge bridge, String identifier, String event) {
    var message =
        MessageBuilder.withPayload(event.getBytes(StandardCharsets.UTF_8))
            // The key decides the partition, and Kafka's own partitioner decides how.
            .setHeader(KafkaHeaders.KEY, identifier)
            .build();
    if (!bridge.send("students", message)) throw new IllegalStateException("the event was not sent");
  }

  public static void main(String[] arguments) throws Exception {
    var application = new SpringApplication(StreamPublisher.class);
    application.setWebApplicationType(WebApplicationType.NONE);
    try (var context = application.run(arguments);
        var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      var bridge = context.getBean(StreamBridge.class);
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        String[] parts = line.split("\t", 2);
        publish(bridge, parts[0], parts[1]);
      }
    }
  }
}
