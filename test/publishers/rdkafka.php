<?php

/**
 * What the PHP kit uses of the rdkafka extension, over the same C library by FFI: Debian has the library and PHP, but not
 * everywhere the extension.
 */

namespace {
    const RD_KAFKA_PARTITION_UA = -1;
    const RD_KAFKA_RESP_ERR_NO_ERROR = 0;
}

namespace RdKafka {
    use FFI;

    const RD_KAFKA_PRODUCER = 0;
    const RD_KAFKA_MSG_F_COPY = 2;

    function library(): FFI
    {
        static $library = null;
        return $library ??= FFI::cdef(<<<'C'
            typedef struct rd_kafka_s rd_kafka_t;
            typedef struct rd_kafka_conf_s rd_kafka_conf_t;
            typedef struct rd_kafka_topic_s rd_kafka_topic_t;
            typedef struct rd_kafka_message_s {
              int err; rd_kafka_topic_t *rkt; int32_t partition; void *payload; size_t len;
              void *key; size_t key_len; int64_t offset; void *_private;
            } rd_kafka_message_t;
            rd_kafka_conf_t *rd_kafka_conf_new(void);
            int rd_kafka_conf_set(rd_kafka_conf_t *conf, const char *name, const char *value, char *errstr, size_t size);
            void rd_kafka_conf_set_dr_msg_cb(rd_kafka_conf_t *conf,
              void (*dr_msg_cb)(rd_kafka_t *rk, const rd_kafka_message_t *message, void *opaque));
            rd_kafka_t *rd_kafka_new(int type, rd_kafka_conf_t *conf, char *errstr, size_t size);
            rd_kafka_topic_t *rd_kafka_topic_new(rd_kafka_t *rk, const char *topic, void *conf);
            int rd_kafka_produce(rd_kafka_topic_t *rkt, int32_t partition, int flags,
              const char *payload, size_t len, const char *key, size_t keylen, void *opaque);
            int rd_kafka_last_error(void);
            int rd_kafka_poll(rd_kafka_t *rk, int timeout_ms);
            int rd_kafka_flush(rd_kafka_t *rk, int timeout_ms);
            void rd_kafka_topic_destroy(rd_kafka_topic_t *rkt);
            void rd_kafka_destroy(rd_kafka_t *rk);
            C, 'librdkafka.so.1');
    }

    final class Conf
    {
        public FFI\CData $handle;
        public ?\Closure $callback = null;

        public function __construct()
        {
            $this->handle = library()->rd_kafka_conf_new();
        }

        public function set(string $name, string $value): void
        {
            $error = library()->new('char[512]');
            if (library()->rd_kafka_conf_set($this->handle, $name, $value, $error, 512) !== 0) {
                throw new \RuntimeException(FFI::string($error));
            }
        }

        public function setDrMsgCb(callable $callback): void
        {
            $this->callback = fn ($kafka, $message) => $callback(null, (object) ['err' => $message->err]);
            library()->rd_kafka_conf_set_dr_msg_cb($this->handle, $this->callback);
        }
    }

    final class ProducerTopic
    {
        public function __construct(private FFI\CData $handle)
        {
        }

        public function produce(int $partition, int $flags, ?string $payload, ?string $key): void
        {
            $result = library()->rd_kafka_produce($this->handle, $partition, RD_KAFKA_MSG_F_COPY, $payload,
                strlen($payload ?? ''), $key, strlen($key ?? ''), null);
            if ($result !== 0) {
                throw new \RuntimeException('produce: ' . library()->rd_kafka_last_error());
            }
        }
    }

    final class Producer
    {
        private FFI\CData $handle;
        private array $topics = [];

        public function __construct(private Conf $conf)
        {
            $error = library()->new('char[512]');
            $handle = library()->rd_kafka_new(RD_KAFKA_PRODUCER, $conf->handle, $error, 512);
            $this->handle = $handle ?? throw new \RuntimeException(FFI::string($error));
        }

        public function newTopic(string $name): ProducerTopic
        {
            $topic = library()->rd_kafka_topic_new($this->handle, $name, null);
            $this->topics[] = $topic;
            return new ProducerTopic($topic);
        }

        public function poll(int $timeoutMs): int
        {
            return library()->rd_kafka_poll($this->handle, $timeoutMs);
        }

        public function flush(int $timeoutMs): int
        {
            return library()->rd_kafka_flush($this->handle, $timeoutMs);
        }

        /** Ends the library's threads, before PHP unloads the library under them. */
        public function __destruct()
        {
            foreach ($this->topics as $topic) {
                library()->rd_kafka_topic_destroy($topic);
            }
            library()->rd_kafka_destroy($this->handle);
        }
    }
}
