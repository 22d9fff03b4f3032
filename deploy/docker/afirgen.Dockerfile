# The images of AFIRGen's three services, one target for each: main-backend, gguf-server, asr-ocr-server. From the top of the
# checkout:
#
#   for service in main-backend gguf-server asr-ocr-server; do
#     docker buildx build -f deploy/docker/afirgen.Dockerfile --target $service --platform linux/amd64,linux/arm64 -t afirgen-$service:1.0 --build-arg VERSION=1.0 .
#   done
#
# A tag can be moved. Pin what you have looked at: --build-arg DEBIAN_IMAGE=docker.io/library/debian:bookworm-slim@sha256:…
# The three have to be of one Debian release: the program is linked against its C library.
ARG GO_IMAGE=docker.io/library/golang:1.26-bookworm
ARG DEBIAN_IMAGE=docker.io/library/debian:bookworm-slim
ARG DISTROLESS_IMAGE=gcr.io/distroless/cc-debian12:nonroot

# The compilers run on the builder's own processor and compile for the target's.
FROM --platform=$BUILDPLATFORM ${GO_IMAGE} AS build
ARG BUILDARCH
ARG TARGETOS
ARG TARGETARCH
RUN if [ "$TARGETARCH" != "$BUILDARCH" ]; then \
      case $TARGETARCH in amd64) compiler=g++-x86-64-linux-gnu ;; arm64) compiler=g++-aarch64-linux-gnu ;; *) echo "no compiler is known for $TARGETARCH" >&2; exit 1 ;; esac && \
      apt-get update && apt-get install -y --no-install-recommends $compiler && rm -rf /var/lib/apt/lists/*; \
    fi
ARG VERSION=dev
ARG COMMIT=unknown
ARG DATE=unknown
# What the code that computes model files is compiled for; empty takes x86-64-v3 (2013, AVX2) and Graviton2. A program on a
# processor that lacks it ends at once and says so.
ARG MARCH=
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build \
    case $TARGETARCH in \
      amd64) triplet=x86_64-linux-gnu march=x86-64-v3 ;; \
      arm64) triplet=aarch64-linux-gnu march=armv8.2-a+dotprod+fp16 ;; \
      *) echo "no compiler is known for $TARGETARCH" >&2; exit 1 ;; \
    esac && \
    CGO_ENABLED=1 GOOS=$TARGETOS GOARCH=$TARGETARCH CC=$triplet-gcc CXX=$triplet-g++ MARCH=${MARCH:-$march} LDFLAGS="-s -w" \
    VERSION=$VERSION COMMIT=$COMMIT DATE=$DATE scripts/build.sh afirgen
RUN mkdir -p /image/etc/ssl/certs /image/usr/local/bin /image/tmp /owned/data && chmod 1777 /image/tmp && \
    echo "root:x:0:0:root:/root:/sbin/nologin" > /image/etc/passwd && \
    echo "afirgen:x:10001:10001:AFIRGen:/tmp:/sbin/nologin" >> /image/etc/passwd && \
    printf 'root:x:0:\nafirgen:x:10001:\n' > /image/etc/group && \
    find /etc/ssl/certs/ca-certificates.crt deploy/docker/certificates -type f ! -name README.md -exec awk 1 {} + > /image/etc/ssl/certs/ca-certificates.crt && \
    cp bin/afirgen /image/usr/local/bin/afirgen

FROM ${DISTROLESS_IMAGE} AS main-backend
ARG VERSION=dev
ARG COMMIT=unknown
ARG DATE=unknown
LABEL org.opencontainers.image.title="afirgen-main-backend" \
      org.opencontainers.image.description="Takes complaints, brings them through their reviews and keeps the reports" \
      org.opencontainers.image.source="https://github.com/roentgen/roentgen" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${COMMIT}" \
      org.opencontainers.image.created="${DATE}"
COPY --from=build /image/ /
# For a volume, where database or archive are files.
COPY --from=build --chown=10001:10001 /owned/ /
ENV PATH=/usr/local/bin
USER 10001:10001
VOLUME ["/tmp"]
EXPOSE 8000/tcp
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 CMD ["afirgen", "healthcheck", "--addr", "127.0.0.1:8000"]
ENTRYPOINT ["afirgen"]
CMD ["backend", "--addr", "0.0.0.0:8000"]

FROM ${DISTROLESS_IMAGE} AS gguf-server
ARG VERSION=dev
ARG COMMIT=unknown
ARG DATE=unknown
LABEL org.opencontainers.image.title="afirgen-gguf-server" \
      org.opencontainers.image.description="Runs the language models" \
      org.opencontainers.image.source="https://github.com/roentgen/roentgen" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${COMMIT}" \
      org.opencontainers.image.created="${DATE}"
COPY --from=build /image/ /
ENV PATH=/usr/local/bin
USER 10001:10001
VOLUME ["/tmp"]
EXPOSE 8001/tcp
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=180s --retries=3 CMD ["afirgen", "healthcheck", "--addr", "127.0.0.1:8001"]
ENTRYPOINT ["afirgen"]
CMD ["gguf", "--addr", "0.0.0.0:8001"]

FROM ${DEBIAN_IMAGE} AS asr-ocr-server
ARG VERSION=dev
ARG COMMIT=unknown
ARG DATE=unknown
LABEL org.opencontainers.image.title="afirgen-asr-ocr-server" \
      org.opencontainers.image.description="Reads photographed letters and hears recordings" \
      org.opencontainers.image.source="https://github.com/roentgen/roentgen" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${COMMIT}" \
      org.opencontainers.image.created="${DATE}"
# Languages by tesseract's names; Debian has a package tesseract-ocr-NAME for each.
ARG OCR_LANGUAGES="eng hin"
RUN apt-get update && \
    apt-get install -y --no-install-recommends tesseract-ocr poppler-utils pocketsphinx pocketsphinx-en-us \
      $(for language in $OCR_LANGUAGES; do echo tesseract-ocr-$language; done) && \
    rm -rf /var/lib/apt/lists/*
COPY --from=build /image/etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /image/usr/local/bin/afirgen /usr/local/bin/afirgen
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /tmp --shell /usr/sbin/nologin afirgen
USER 10001:10001
VOLUME ["/tmp"]
EXPOSE 8002/tcp
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=180s --retries=3 CMD ["afirgen", "healthcheck", "--addr", "127.0.0.1:8002"]
ENTRYPOINT ["afirgen"]
CMD ["asrocr", "--addr", "0.0.0.0:8002"]
