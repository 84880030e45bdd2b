// Publishes an ERP's events to Kafka for Pullgate: an outbox in the ERP's database, and a relay that empties it.
//
//   dotnet run -- record TYPE IDENTIFIER < data.json   what the ERP does in its own transaction
//   dotnet run -- show                                 the outbox, one event a line
//   dotnet run -- relay [--once]                       sends what waits, and heartbeats
//
// Environment: KAFKA_BROKERS, ERP_SOURCE (/erp/blr-01), PULLGATE_TOPIC (erp.student-events), ERP_DB (erp.db),
// OUTBOX_SQL (../outbox.sql).

using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Confluent.Kafka;
using Microsoft.Data.Sqlite;

const int Batch = 500;
var poll = TimeSpan.FromMilliseconds(200);
var heartbeatEvery = TimeSpan.FromSeconds(10);

string Setting(string name, string fallback) =>
    Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : fallback;

var source = Setting("ERP_SOURCE", "/erp/blr-01");
var topic = Setting("PULLGATE_TOPIC", "erp.student-events");
var readable = new JsonSerializerOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

string Now() => DateTime.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'");

string Event(string type, string? sequence, string? data)
{
    var attributes = new JsonObject
    {
        ["specversion"] = "1.0",
        ["id"] = Guid.NewGuid().ToString(),
        ["source"] = source,
        ["type"] = type,
        ["time"] = Now(),
    };
    if (sequence is not null) attributes["sequence"] = sequence;
    var json = attributes.ToJsonString(readable);
    // The data goes in as the text it is: reading and writing it again could change a number.
    return data is null ? json : $"{json[..^1]},\"data\":{data}}}";
}

SqliteConnection OpenDatabase()
{
    var database = new SqliteConnection($"Data Source={Setting("ERP_DB", "erp.db")}");
    database.Open();
    using var schema = database.CreateCommand();
    schema.CommandText = File.ReadAllText(Setting("OUTBOX_SQL", "../outbox.sql"));
    schema.ExecuteNonQuery();
    return database;
}

// Call it inside the transaction that changes the fee, the payment, the student: both happen, or neither.
void Record(SqliteConnection database, SqliteTransaction transaction, string type, string identifier, string data)
{
    // The row stays locked until the commit: a student's numbers are given in the order of the commits, without holes.
    using var next = database.CreateCommand();
    next.Transaction = transaction;
    next.CommandText =
        "INSERT INTO student_sequence (identifier, last) VALUES ($identifier, 1)"
        + " ON CONFLICT (identifier) DO UPDATE SET last = last + 1 RETURNING last";
    next.Parameters.AddWithValue("$identifier", identifier);
    var sequence = Convert.ToString(next.ExecuteScalar())!;

    using var insert = database.CreateCommand();
    insert.Transaction = transaction;
    insert.CommandText = "INSERT INTO outbox (identifier, sequence, event) VALUES ($identifier, $sequence, $event)";
    insert.Parameters.AddWithValue("$identifier", identifier);
    insert.Parameters.AddWithValue("$sequence", sequence);
    insert.Parameters.AddWithValue("$event", Event(type, sequence, data));
    insert.ExecuteNonQuery();
}

List<(long Position, string Identifier, string Event)> Rows(SqliteConnection database, string where)
{
    using var select = database.CreateCommand();
    select.CommandText = $"SELECT position, identifier, event FROM outbox {where}";
    using var reader = select.ExecuteReader();
    var rows = new List<(long, string, string)>();
    while (reader.Read()) rows.Add((reader.GetInt64(0), reader.GetString(1), reader.GetString(2)));
    return rows;
}

IProducer<byte[], byte[]> OpenProducer() =>
    new ProducerBuilder<byte[], byte[]>(
        new ProducerConfig
        {
            BootstrapServers = Environment.GetEnvironmentVariable("KAFKA_BROKERS"),
            // librdkafka's own default is CRC32, which puts students on other partitions than Java and Pullgate do.
            Partitioner = Partitioner.Murmur2Random,
            // No repetition and no reordering by the client itself; implies Acks.All.
            EnableIdempotence = true,
            LingerMs = 5,
            CompressionType = CompressionType.Lz4,
        }
    ).Build();

Task<DeliveryResult<byte[], byte[]>> Send(IProducer<byte[], byte[]> producer, string key, string value) =>
    producer.ProduceAsync(
        topic,
        new Message<byte[], byte[]>
        {
            Key = Encoding.UTF8.GetBytes(key),
            Value = Encoding.UTF8.GetBytes(value),
            Headers = new Headers { { "content-type", Encoding.UTF8.GetBytes("application/cloudevents+json") } },
        }
    );

// Sends what waits, in order, and marks it once all is acknowledged. A crash in between sends it again: same id.
async Task<int> RelayOnce(SqliteConnection database, IProducer<byte[], byte[]> producer)
{
    var rows = Rows(database, $"WHERE published_at IS NULL ORDER BY position LIMIT {Batch}");
    var sent = rows.Select(row => Send(producer, row.Identifier, row.Event)).ToList();
    await Task.WhenAll(sent); // throws where Kafka did not acknowledge: nothing is marked then
    if (rows.Count == 0) return 0;
    using var mark = database.CreateCommand();
    mark.CommandText = "UPDATE outbox SET published_at = $now WHERE published_at IS NULL AND position <= $last";
    mark.Parameters.AddWithValue("$now", Now());
    mark.Parameters.AddWithValue("$last", rows[^1].Position);
    mark.ExecuteNonQuery();
    return rows.Count;
}

async Task Relay(SqliteConnection database, bool once)
{
    using var producer = OpenProducer();
    long? beat = null;
    while (true)
    {
        // The heartbeat follows what waited before it: it vouches for an empty outbox, not only for a living process.
        if (await RelayOnce(database, producer) == Batch) continue;
        if (beat is null || Environment.TickCount64 - beat >= heartbeatEvery.TotalMilliseconds)
        {
            await Send(producer, source, Event("erp.heartbeat.v1", null, null));
            beat = Environment.TickCount64;
        }
        if (once) return;
        await Task.Delay(poll);
    }
}

Console.OutputEncoding = new UTF8Encoding(false);
switch (args)
{
    case ["record", var type, var identifier]:
    {
        using var input = new StreamReader(Console.OpenStandardInput(), Encoding.UTF8);
        var data = input.ReadToEnd().Replace("\n", " ");
        JsonNode.Parse(data);
        using var database = OpenDatabase();
        using var transaction = database.BeginTransaction(); // the ERP's own changes belong into this transaction
        Record(database, transaction, type, identifier, data);
        transaction.Commit();
        return 0;
    }
    case ["show"]:
    {
        using var database = OpenDatabase();
        foreach (var row in Rows(database, "ORDER BY position")) Console.WriteLine(row.Event);
        return 0;
    }
    case ["relay"] or ["relay", "--once"]:
    {
        using var database = OpenDatabase();
        await Relay(database, once: args.Length == 2);
        return 0;
    }
    default:
        Console.Error.WriteLine("record TYPE IDENTIFIER < data.json | show | relay [--once]");
        return 2;
}
