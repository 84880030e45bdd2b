/** A minimal `pullgate.yaml` with a comment on each decision. `hash` is the partner's, as `hash-secret` prints it. */
export const configText = (timezone: string, hash: string, secretFile: string): string =>
  `# Pullgate's configuration, written by "pullgate init". docs/configuration.md explains every key.

# Decides when a day begins, for example the day on which a student leaves.
timezone: ${timezone}

# The policy is your decision, so it has no defaults.
# balance_basis: the payments that reduce a balance. payable: none. net_of_direct: those that the institute collected.
#   outstanding: all.
# paid_instalments: omit leaves paid instalments out of an answer. zero shows them with the amount 0.
policy: { balance_basis: net_of_direct, paid_instalments: omit }

# The ERP answers the pulls that the projection cannot answer. Without one, such a pull gets no answer.
# erp:
#   url: https://erp.example.edu/api/fetch-student
#   username: pullgate
#   password: env:ERP_PASSWORD

clients:
  # The payment partner. Its secret is in ${secretFile}; the hash is made by "pullgate hash-secret".
  - username: jodo
    secrets: ['${hash}']
    branches: all
  # A publisher without Kafka, which posts its events to /events:
  # - username: erp
  #   secrets: ['scrypt$…']
  #   publish: [/erp/school]

# Log and projection are in this file, unless the environment names servers: KAFKA_BROKERS and REDIS_URL.
embedded: { path: ./pullgate.db }
`
