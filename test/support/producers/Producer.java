import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** The Java producer as it is out of the box; arguments and commands are those of producer.py. */
public class Producer {
  static byte[] raw(String text) {
    return text.equals("-") ? null : Base64.getDecoder().decode(text);
  }

  public static void main(String[] args) throws Exception {
    String topic = args[1];
    Properties settings = new Properties();
    settings.put("bootstrap.servers", args[0]);
    settings.put("compression.type", args[2]);
    settings.put("linger.ms", "5");
    if (args.length > 3) settings.put("transactional.id", args[3]);
    KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
    if (args.length > 3) producer.initTransactions();
    List<Future<RecordMetadata>> sent = new ArrayList<>();
    BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = commands.readLine(); line != null; line = commands.readLine()) {
      String[] parts = line.split("\t", -1);
      switch (parts[0]) {
        case "send" -> {
          ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(topic, raw(parts[1]), raw(parts[2]));
          for (String header : parts[3].split(","))
            if (!header.isEmpty())
              record.headers().add(header.substring(0, header.indexOf('=')), raw(header.substring(header.indexOf('=') + 1)));
          sent.add(producer.send(record));
        }
        case "begin" -> producer.beginTransaction();
        case "commit" -> producer.commitTransaction();
        case "abort" -> {
          producer.abortTransaction();
          sent.clear();
        }
        default -> {
          producer.flush();
          for (Future<RecordMetadata> one : sent) one.get();
          sent.clear();
        }
      }
      System.out.println("ok");
    }
    producer.close();
  }
}
