# The image of Roentgen: one static program that is the server (roentgen serve, the default) and the agent (roentgen agent).
# From the top of the checkout:
#
#   docker buildx build -f deploy/docker/roentgen.Dockerfile --platform linux/amd64,linux/arm64 -t roentgen:1.0 --build-arg VERSION=1.0 .
#
# A tag can be moved. Pin what you have looked at: --build-arg GO_IMAGE=docker.io/library/golang:1.26-bookworm@sha256:…
ARG GO_IMAGE=docker.io/library/golang:1.26-bookworm

# The compiler runs on the builder's own processor and compiles for the target's.
FROM --platform=$BUILDPLATFORM ${GO_IMAGE} AS build
ARG TARGETOS
ARG TARGETARCH
ARG VERSION=dev
ARG COMMIT=unknown
ARG DATE=unknown
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build \
    CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH LDFLAGS="-s -w" VERSION=$VERSION COMMIT=$COMMIT DATE=$DATE \
    scripts/build.sh roentgen
RUN mkdir -p /image/etc/ssl/certs /image/usr/local/bin /image/tmp /owned/data && chmod 1777 /image/tmp && \
    echo "roentgen:x:10001:10001:Roentgen:/data:/sbin/nologin" > /image/etc/passwd && \
    echo "roentgen:x:10001:" > /image/etc/group && \
    find /etc/ssl/certs/ca-certificates.crt deploy/docker/certificates -type f ! -name README.md -exec awk 1 {} + > /image/etc/ssl/certs/ca-certificates.crt && \
    cp bin/roentgen /image/usr/local/bin/roentgen

FROM scratch AS roentgen
ARG VERSION=dev
ARG COMMIT=unknown
ARG DATE=unknown
LABEL org.opencontainers.image.title="Roentgen" \
      org.opencontainers.image.description="Distributed tracing that speaks AWS X-Ray: server, console and agent" \
      org.opencontainers.image.source="https://github.com/roentgen/roentgen" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${COMMIT}" \
      org.opencontainers.image.created="${DATE}"
COPY --from=build /image/ /
COPY --from=build --chown=10001:10001 /owned/ /
# The doors of a container are on its network: the server opens them with --auth-file alone.
ENV PATH=/usr/local/bin \
    ROENTGEN_DATA=/data \
    ROENTGEN_HTTP=0.0.0.0:1895 \
    ROENTGEN_OTLP_GRPC=0.0.0.0:4317 \
    ROENTGEN_OTLP_HTTP=0.0.0.0:4318
USER 10001:10001
VOLUME ["/data", "/tmp"]
# The console, X-Ray's API and /metrics; OpenTelemetry; the agent's two doors.
EXPOSE 1895/tcp 4317/tcp 4318/tcp 2000/udp 2000/tcp
STOPSIGNAL SIGTERM
# Of the server. The agent's is: roentgen agent health
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \
    CMD ["roentgen", "agent", "health", "--url", "http://127.0.0.1:1895"]
ENTRYPOINT ["roentgen"]
CMD ["serve"]
