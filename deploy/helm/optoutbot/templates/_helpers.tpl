{{- define "optoutbot.name" -}}
{{ printf "%s" .Release.Name | trunc 50 | trimSuffix "-" }}
{{- end }}

{{- define "optoutbot.labels" -}}
app.kubernetes.io/name: optoutbot
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{- define "optoutbot.selector" -}}
app.kubernetes.io/name: optoutbot
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{/* The pod's settings that are the same for webhooks and shards. */}}
{{- define "optoutbot.pod" -}}
automountServiceAccountToken: false
enableServiceLinks: false
terminationGracePeriodSeconds: 30
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: 65534
  runAsGroup: 65534
  fsGroup: 65534
  seccompProfile: {type: RuntimeDefault}
volumes:
  - name: tmp
    emptyDir: {sizeLimit: 256Mi}
  - name: data
    emptyDir: {sizeLimit: 64Mi}
{{- end }}

{{- define "optoutbot.container" -}}
name: optoutbot
image: "{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}"
imagePullPolicy: {{ .Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
resources:
  {{- toYaml .Values.resources | nindent 2 }}
startupProbe:
  httpGet: {path: /healthz, port: admin}
  periodSeconds: 2
  failureThreshold: 60
livenessProbe:
  httpGet: {path: /healthz, port: admin}
  periodSeconds: 10
  timeoutSeconds: 3
readinessProbe:
  httpGet: {path: /readyz, port: admin}
  periodSeconds: 5
  timeoutSeconds: 3
volumeMounts:
  - {name: tmp, mountPath: /tmp}
  - {name: data, mountPath: /data}
{{- end }}

{{/* Settings that both kinds of pods have. */}}
{{- define "optoutbot.env" -}}
- name: ADMIN
  value: "0.0.0.0:9090"
- name: LOG_FORMAT
  value: json
- name: TELEGRAM_JOURNAL
  value: "off"
- name: STORE
  valueFrom: {secretKeyRef: {name: {{ .Values.secretName }}, key: store}}
- name: STORE_KEY
  valueFrom: {secretKeyRef: {name: {{ .Values.secretName }}, key: store-key}}
{{- range $name, $value := .Values.settings }}
- name: {{ $name }}
  value: {{ $value | quote }}
{{- end }}
{{- end }}
