{{- define "pullgate.secretFile" -}}
/run/secrets/pullgate/{{ . }}
{{- end -}}

{{/* Where Kafka and Redis are. Secrets come as files of the Secret. */}}
{{- define "pullgate.connections" -}}
{{- $kafka := .Values.kafka -}}
{{- $sasl := $kafka.sasl -}}
PULLGATE_CONFIG: /etc/pullgate/pullgate.yaml
LOG_LEVEL: {{ .Values.logLevel | quote }}
KAFKA_BROKERS: {{ join "," $kafka.brokers | required "kafka.brokers: name host:port of the brokers" | quote }}
KAFKA_SSL: {{ $kafka.ssl | quote }}
{{- with $kafka.caKey }}
KAFKA_CA_FILE: {{ include "pullgate.secretFile" . }}
{{- end }}
{{- with $kafka.certKey }}
KAFKA_CERT_FILE: {{ include "pullgate.secretFile" . }}
{{- end }}
{{- with $kafka.keyKey }}
KAFKA_KEY_FILE: {{ include "pullgate.secretFile" . }}
{{- end }}
{{- with $sasl.mechanism }}
KAFKA_SASL_MECHANISM: {{ . }}
{{- end }}
{{- if eq $sasl.mechanism "oauthbearer" }}
KAFKA_SASL_OAUTH_TOKEN_ENDPOINT: {{ required "kafka.sasl.oauth.tokenEndpoint is required with oauthbearer" $sasl.oauth.tokenEndpoint | quote }}
KAFKA_SASL_OAUTH_CLIENT_SECRET_FILE: {{ include "pullgate.secretFile" $sasl.oauth.clientSecretKey }}
{{- with $sasl.oauth.scope }}
KAFKA_SASL_OAUTH_SCOPE: {{ . | quote }}
{{- end }}
{{- with $sasl.oauth.extensions }}
KAFKA_SASL_OAUTH_EXTENSIONS: {{ . | quote }}
{{- end }}
{{- else if eq $sasl.mechanism "aws-msk-iam" }}
KAFKA_SASL_AWS_REGION: {{ required "kafka.sasl.awsRegion is required with aws-msk-iam" $sasl.awsRegion | quote }}
{{- else if $sasl.mechanism }}
KAFKA_SASL_PASSWORD_FILE: {{ include "pullgate.secretFile" $sasl.passwordKey }}
{{- end }}
{{- with .Values.redis.url }}
REDIS_URL: {{ . | quote }}
{{- end }}
{{- with .Values.redis.passwordKey }}
REDIS_PASSWORD_FILE: {{ include "pullgate.secretFile" . }}
{{- end }}
{{- end -}}

{{/* What the program takes from the environment alone. */}}
{{- define "pullgate.secretEnv" -}}
{{- $secret := include "pullgate.secret" . -}}
{{- $sasl := .Values.kafka.sasl -}}
{{- if not .Values.redis.url }}
- name: REDIS_URL
  valueFrom: { secretKeyRef: { name: {{ $secret }}, key: {{ .Values.redis.urlKey }} } }
{{- end }}
{{- with .Values.redis.usernameKey }}
- name: REDIS_USERNAME
  valueFrom: { secretKeyRef: { name: {{ $secret }}, key: {{ . }} } }
{{- end }}
{{- if eq $sasl.mechanism "oauthbearer" }}
- name: KAFKA_SASL_OAUTH_CLIENT_ID
  valueFrom: { secretKeyRef: { name: {{ $secret }}, key: {{ $sasl.oauth.clientIdKey }} } }
{{- else if and $sasl.mechanism (ne $sasl.mechanism "aws-msk-iam") }}
- name: KAFKA_SASL_USERNAME
  valueFrom: { secretKeyRef: { name: {{ $secret }}, key: {{ $sasl.usernameKey }} } }
{{- end }}
{{- end -}}
