{{/* The pod of a role. Takes (dict "root" $ "role" "gateway" "values" .Values.gateway "ports" list "extra" text). */}}
{{- define "pullgate.podMetadata" -}}
{{- $root := .root -}}
labels:
  {{- include "pullgate.selector" $root | nindent 2 }}
  app.kubernetes.io/component: {{ .role }}
  {{- with $root.Values.podLabels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
annotations:
  {{- if not $root.Values.existingConfigMap }}
  checksum/config: {{ include "pullgate.configText" $root | sha256sum }}
  {{- end }}
  checksum/connections: {{ include "pullgate.connections" $root | sha256sum }}
  {{- if and $root.Values.metrics.scrapeAnnotations (ne .role "topics") }}
  prometheus.io/scrape: 'true'
  prometheus.io/port: '9090'
  {{- end }}
  {{- with $root.Values.podAnnotations }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end -}}

{{- define "pullgate.podSpec" -}}
{{- $root := .root -}}
serviceAccountName: {{ include "pullgate.serviceAccount" $root }}
automountServiceAccountToken: false
enableServiceLinks: false
{{- with .values.terminationGracePeriodSeconds }}
terminationGracePeriodSeconds: {{ . }}
{{- end }}
{{- with $root.Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: 1000
  runAsGroup: 1000
  fsGroup: 1000
  seccompProfile: { type: RuntimeDefault }
{{- with $root.Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with $root.Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $root.Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $root.Values.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- if ne .role "topics" }}
topologySpreadConstraints:
  {{- range $root.Values.topologySpread.topologyKeys }}
  - maxSkew: 1
    topologyKey: {{ . }}
    whenUnsatisfiable: {{ $root.Values.topologySpread.whenUnsatisfiable }}
    labelSelector:
      matchLabels:
        {{- include "pullgate.selector" $root | nindent 8 }}
        app.kubernetes.io/component: {{ $.role }}
  {{- end }}
{{- end }}
containers:
  - name: {{ .role }}
    image: {{ include "pullgate.image" $root }}
    imagePullPolicy: {{ $root.Values.image.pullPolicy }}
    args: [{{ .role }}]
    {{- with .ports }}
    ports:
      {{- range . }}
      - { name: {{ .name }}, containerPort: {{ .port }} }
      {{- end }}
    {{- end }}
    envFrom:
      - configMapRef: { name: {{ include "pullgate.fullname" $root }}-connections }
    {{- $secretEnv := include "pullgate.secretEnv" $root | trim }}
    {{- if or $secretEnv $root.Values.env }}
    env:
      {{- with $secretEnv }}
      {{- . | nindent 6 }}
      {{- end }}
      {{- with $root.Values.env }}
      {{- toYaml . | nindent 6 }}
      {{- end }}
    {{- end }}
    securityContext:
      allowPrivilegeEscalation: false
      readOnlyRootFilesystem: true
      capabilities: { drop: [ALL] }
    resources:
      {{- toYaml .values.resources | nindent 6 }}
    {{- with .extra }}
    {{- . | nindent 4 }}
    {{- end }}
    volumeMounts:
      - { name: config, mountPath: /etc/pullgate, readOnly: true }
      - { name: secrets, mountPath: /run/secrets/pullgate, readOnly: true }
volumes:
  - name: config
    configMap: { name: {{ include "pullgate.configMap" $root }} }
  - name: secrets
    secret: { secretName: {{ include "pullgate.secret" $root }}, defaultMode: 0440 }
{{- end -}}

{{/* A role that cannot reach Kafka or Redis waits for them: only a stuck event loop is a reason to restart. */}}
{{- define "pullgate.probes" -}}
livenessProbe: { httpGet: { path: /livez, port: metrics }, periodSeconds: 10, timeoutSeconds: 3, failureThreshold: 6 }
readinessProbe: { httpGet: { path: /readyz, port: metrics }, periodSeconds: {{ .readyEverySeconds }}, timeoutSeconds: 3 }
startupProbe: { httpGet: { path: /livez, port: metrics }, periodSeconds: 1, failureThreshold: 60 }
{{- end -}}
