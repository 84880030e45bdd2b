{{- define "pullgate.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{- define "pullgate.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- $name := include "pullgate.name" . -}}
{{- ternary .Release.Name (printf "%s-%s" .Release.Name $name) (contains $name .Release.Name) | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "pullgate.selector" -}}
app.kubernetes.io/name: {{ include "pullgate.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "pullgate.labels" -}}
{{ include "pullgate.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "pullgate.image" -}}
{{- $tag := default .Chart.AppVersion .Values.image.tag -}}
{{- ternary (printf "%s@%s" .Values.image.repository .Values.image.digest) (printf "%s:%s" .Values.image.repository $tag) (ne .Values.image.digest "") -}}
{{- end -}}

{{- define "pullgate.secret" -}}
{{- required "existingSecret: name the Secret with the passwords and keys" .Values.existingSecret -}}
{{- end -}}

{{- define "pullgate.configText" -}}
{{- required "config: give the text of pullgate.yaml (--set-file config=pullgate.yaml), or name existingConfigMap" .Values.config -}}
{{- end -}}

{{- define "pullgate.configMap" -}}
{{- .Values.existingConfigMap | default (printf "%s-config" (include "pullgate.fullname" .)) -}}
{{- end -}}

{{- define "pullgate.serviceAccount" -}}
{{- .Values.serviceAccount.name | default (ternary (include "pullgate.fullname" .) "default" .Values.serviceAccount.create) -}}
{{- end -}}

{{/* The topic as pullgate.yaml has it, as JSON: KEDA must never scale beyond its partitions. */}}
{{- define "pullgate.topic" -}}
{{- $topic := .Values.projector.topic -}}
{{- if .Values.config -}}
{{- $topic = merge (dict) (dig "topic" (dict) (fromYaml .Values.config)) (dict "name" "erp.student-events" "partitions" 16) -}}
{{- end -}}
{{- toJson $topic -}}
{{- end -}}
